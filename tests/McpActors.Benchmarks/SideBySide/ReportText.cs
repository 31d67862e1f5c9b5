using System.Globalization;
using System.Text;
using McpActors.Benchmarks.Measuring;

namespace McpActors.Benchmarks.SideBySide;

/// <summary>The report as readable tables.</summary>
internal static class ReportText
{
    private static readonly string Columns = $"{"calls/s",10}{"p50 µs",10}{"p99 µs",10}{"CPU µs",9}{"bytes",9}";

    public static string Of(Report report)
    {
        var text = new StringBuilder();
        var machine = report.Machine;
        Line(
            text,
            $"{machine.Processors} processors, {machine.System} {machine.Architecture}, {machine.Runtime}, {machine.GarbageCollector} GC");
        if (report.Calls.Count > 0)
            Calls(text, report.Calls);
        if (report.Routing.Count > 0)
            Routing(text, report.Routing);
        if (report.Idle is { } idle)
        {
            Line(text, $"");
            Line(
                text,
                $"""
                An idle server, of {idle.Servers}: {idle.DirectBytes / 1024:0.0} KiB with the SDK's client alone,
                {idle.PoolBytes / 1024:0.0} KiB in the pool: {idle.PoolBeyondDirect / 1024:0.0} KiB beyond it (aim: at most 32).
                """);
        }
        if (report.Status is { } status)
        {
            Line(text, $"");
            var (median, worst) = (status.MedianMilliseconds, status.WorstMilliseconds);
            Line(text, $"Status of {status.Servers} servers: {median:0.0} ms, at worst {worst:0.0} ms (aim: within 50).");
        }
        Line(text, $"");
        Line(text, $"Measured in {report.Seconds:0} s. Bytes and processor time are those of the whole process, servers included.");
        return text.ToString();
    }

    private static void Calls(StringBuilder text, List<CallFigures> calls)
    {
        Line(text, $"");
        Line(text, $"{"transport",-10}{"callers",8}  {"call",-16}{Columns}{"ratio",8}");
        foreach (var row in calls)
        {
            if (row.Variant == CallVariants.DirectTyped)
                Line(text, $"");
            Line(text, $"{row.Transport,-10}{row.Callers,8}  {row.Variant,-16}{Figures(row.Medians)}{row.RatioToDirect,8:0.00}");
        }
        Line(text, $"");
        foreach (var row in calls.Where(row => row is { Callers: 1, Variant: CallVariants.ThroughPool or CallVariants.ThroughActor }))
        {
            var aim = row.Transport == "memory" ? " (aim: at most 6)" : "";
            var more = row.MicrosecondsMoreThanDirect;
            Line(text, $"At one caller, {row.Transport}: {row.Variant} takes {more:0.0} µs more than direct, typed{aim}.");
        }
    }

    private static void Routing(StringBuilder text, List<RoutingFigures> rows)
    {
        Line(text, $"");
        Line(text, $"Routing alone (a connection that answers at once)");
        Line(text, $"{"servers",8}{"callers",8}  {"caller",-16}{Columns}{"cost",8}");
        foreach (var row in rows)
            Line(text, $"{row.Servers,8}{row.Callers,8}  {row.Caller,-16}{Figures(row.Medians)}{row.CostToSmallest,8:0.00}");
        Line(text, $"Aims: 500 000 calls/s at 64 callers; cost at 10 000 servers at most 1.5 × that of 10.");
    }

    private static string Figures(Round round) => string.Create(
        CultureInfo.InvariantCulture,
        $"{round.PerSecond,10:0}{round.P50,10:0.0}{round.P99,10:0.0}{round.CpuPerCall,9:0.0}{round.BytesPerCall,9:0}");

    private static void Line(StringBuilder text, FormattableString line) =>
        text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
