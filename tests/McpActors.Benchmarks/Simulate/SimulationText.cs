using System.Globalization;
using System.Text;
using McpActors.Benchmarks.Queueing;

namespace McpActors.Benchmarks.Simulate;

/// <summary>One simulated scenario as readable text.</summary>
internal static class SimulationText
{
    public static string Of(Scenario scenario, Summary summary)
    {
        var text = new StringBuilder();
        Line(text, $"{scenario.Strategy}: {scenario.Servers} servers, load {scenario.Load}, {scenario.Calls} calls, seed {scenario.Seed}");
        if (scenario.Slow.Count > 0)
            Line(text, $"{scenario.Slow.Count} of them {scenario.Slow.Amount} times as slow");
        if (scenario.Flapping.Count > 0)
            Line(text, $"{scenario.Flapping.Count} of them come and go every {scenario.Flapping.Amount} s");
        if (scenario.Failing.Count > 0)
            Line(text, $"{scenario.Failing.Count} of them fail at once, each time with probability {scenario.Failing.Amount}");
        Line(text, $"");
        Line(text, $"response time, in units of the mean service time:");
        Line(text, $"  mean   {summary.Mean,9:0.000} ± {summary.MeanWithin:0.000} (95 %)");
        if (SimulateCommand.TheoryOf(scenario) is { } theory)
            Line(text, $"  theory {theory.Mean,9:0.000}   {theory.Name}; measured {(summary.Mean / theory.Mean) - 1:+0.0 %;-0.0 %}");
        if (scenario.Load < 1)
            Line(text, $"  bound  {ClosedForms.OneQueue(scenario.Load, scenario.Servers),9:0.000}   M/M/n, one queue for all");
        Line(text, $"  p50    {summary.P50,9:0.00}");
        Line(text, $"  p99    {summary.P99,9:0.00}");
        Line(text, $"  p99.9  {summary.P999,9:0.00}");
        Line(text, $"calls of which every attempt failed: {summary.FailedShare:0.00 %}");
        Line(text, $"");
        Line(text, $"share of the attempts, where 1 is fair:");
        foreach (var line in summary.Shares.Select(share => share * scenario.Servers).Chunk(10))
            Line(text, $"  {string.Join("  ", line.Select(share => share.ToString("0.000", CultureInfo.InvariantCulture)))}");
        return text.ToString();
    }

    private static void Line(StringBuilder text, FormattableString line) =>
        text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
