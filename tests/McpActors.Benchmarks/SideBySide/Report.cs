using System.Runtime;
using System.Runtime.InteropServices;
using McpActors.Benchmarks.Measuring;

namespace McpActors.Benchmarks.SideBySide;

/// <summary>Every figure of one run, as <c>--json</c> writes it.</summary>
internal sealed record Report
{
    public required Machine Machine { get; init; }

    public List<CallFigures> Calls { get; } = [];

    public List<RoutingFigures> Routing { get; } = [];

    public IdleFigures? Idle { get; set; }

    public StatusFigures? Status { get; set; }

    public double Seconds { get; set; }
}

/// <summary>The machine of the run.</summary>
internal sealed record Machine(int Processors, string Runtime, string System, string Architecture, string GarbageCollector)
{
    public static Machine Here { get; } = new(
        Environment.ProcessorCount,
        RuntimeInformation.FrameworkDescription,
        RuntimeInformation.OSDescription,
        RuntimeInformation.ProcessArchitecture.ToString(),
        GCSettings.IsServerGC ? "server" : "workstation");
}

/// <summary>One row of the table: medians, compared with the direct typed call.</summary>
internal sealed record CallFigures(
    string Transport, string Variant, int Callers, Round Medians, double RatioToDirect, double MicrosecondsMoreThanDirect);

/// <summary>Calls whose connection answers at once, compared with the same calls to the smallest pool.</summary>
internal sealed record RoutingFigures(string Caller, int Servers, int Callers, Round Medians, double CostToSmallest);

/// <summary>Memory of idle servers, in bytes for each.</summary>
internal sealed record IdleFigures(int Servers, double DirectBytes, double PoolBytes)
{
    public double PoolBeyondDirect => PoolBytes - DirectBytes;
}

/// <summary>The time of one GetPoolStatus, in ms.</summary>
internal sealed record StatusFigures(int Servers, double MedianMilliseconds, double WorstMilliseconds);
