using System.Diagnostics;
using System.Text.Json;
using McpActors.Benchmarks.Measuring;
using McpActors.Configuration;
using McpActors.Transports;

namespace McpActors.Benchmarks.SideBySide;

/// <summary>Measures everything that docs/performance.md has an aim for, in one run.</summary>
internal static class SideBySideCommand
{
    private const int Passes = 16;

    private static readonly int[] Callers = [1, 16, 64];
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <param name="json">Write one JSON document instead of the table.</param>
    /// <param name="only">Measure this part only; null for all.</param>
    public static async Task RunAsync(bool json, string? only)
    {
        var clock = Stopwatch.StartNew();
        var report = new Report { Machine = Machine.Here };
        bool Wanted(string part) => only is null || only == part;
        // Memory comes first: leftovers of the other parts would count as memory of the servers.
        if (Wanted("idle"))
            report.Idle = await IdleServers.MeasureAsync();
        if (Wanted("memory"))
            await MeasureMemoryAsync(report);
        if (Wanted("http"))
            await MeasureHttpAsync(report);
        if (Wanted("routing"))
            await RoutingAlone.MeasureAsync(report);
        report.Seconds = clock.Elapsed.TotalSeconds;
        Console.Out.Write(json ? JsonSerializer.Serialize(report, Json) + "\n" : ReportText.Of(report));
    }

    private static async Task MeasureMemoryAsync(Report report)
    {
        var memory = new MemoryServers();
        CallVariants.Offer(memory.Add("bench"));
        await using var variants = await CallVariants.ConnectAsync(
            new ServerSettings { Name = "bench", Uri = new Uri("memory://bench") }, memory);
        await MeasureAsync(report, "memory", variants);
    }

    private static async Task MeasureHttpAsync(Report report)
    {
        await using var server = await LoopbackHttpServer.StartAsync();
        await using var variants = await CallVariants.ConnectAsync(
            new ServerSettings { Name = "bench", Uri = server.Address }, new MemoryServers());
        await MeasureAsync(report, "http", variants);
    }

    private static async Task MeasureAsync(Report report, string transport, CallVariants variants)
    {
        var comparison = new Comparison(variants.All);
        await comparison.WarmUpAsync();
        foreach (var callers in Callers)
        {
            foreach (var row in await comparison.MeasureAsync(callers, Passes))
                report.Calls.Add(new CallFigures(transport, row.Variant, callers, row.Medians, row.Ratio, row.MoreThanFirst));
        }
    }
}
