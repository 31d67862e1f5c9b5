using System.Globalization;
using System.Text;
using McpActors.Benchmarks.Queueing;
using McpActors.Configuration;

namespace McpActors.Benchmarks.Simulate;

/// <summary>The simulation's part of docs/balancing.md: tables in Markdown, and the chart.</summary>
internal static class BalancingDocument
{
    // Without priority, which equals round-robin while all servers have the same priority.
    private static readonly (string Strategy, string Color)[] Strategies =
    [
        (StrategyNames.Random, "#d62728"),
        (StrategyNames.RoundRobin, "#ff7f0e"),
        (StrategyNames.ConsistentHash, "#8c564b"),
        (StrategyNames.ConsistentHashBounded, "#e377c2"),
        (StrategyNames.PowerOfTwo, "#1f77b4"),
        (StrategyNames.PeakEwma, "#9467bd"),
        (StrategyNames.LeastConnections, "#2ca02c"),
    ];

    private static readonly double[] Loads = [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95];

    private static readonly (string What, Scenario Scenario, int Odd)[] Troubles =
    [
        ("one ten times slower, load 0.5", Trouble with { Load = 0.5, Slow = new(1, 10) }, 0),
        ("one fails at once", Trouble with { Failing = new(1, 1) }, 9),
        ("one fails a tenth of the time", Trouble with { Failing = new(1, 0.1) }, 9),
        ("all fail once in a hundred", Trouble with { Failing = new(10, 0.01) }, 9),
        ("two come and go every 10 s", Trouble with { Flapping = new(2, 10) }, 0),
    ];

    private static Scenario Trouble => new() { Strategy = "", Load = 0.7 };

    /// <summary>Simulates everything; returns the tables and writes the chart.</summary>
    public static string Write(string? chartFile)
    {
        if (chartFile is not null)
            File.WriteAllText(chartFile, Chart());
        var text = new StringBuilder();
        AgainstTheory(text);
        AllAlike(text);
        InTrouble(text);
        return text.ToString();
    }

    private static void AgainstTheory(StringBuilder text)
    {
        Line(text, $"| strategy | servers | load | theory | mean | difference |");
        Line(text, $"|---|---:|---:|---:|---:|---:|");
        (string Strategy, int Servers)[] known =
        [
            (StrategyNames.Random, 10),
            (StrategyNames.RoundRobin, 10),
            (StrategyNames.PowerOfTwo, 1000),
            (StrategyNames.LeastConnections, 1000),
        ];
        foreach (var (strategy, servers) in known)
        {
            foreach (var load in new[] { 0.5, 0.7, 0.9 })
            {
                var scenario = new Scenario { Strategy = strategy, Servers = servers, Load = load, Calls = 2_000_000 };
                var summary = QueueingSimulation.Run(scenario);
                var theory = SimulateCommand.TheoryOf(scenario)!.Value.Mean;
                Row(
                    text,
                    $"`{strategy}`",
                    $"{servers}",
                    $"{load}",
                    $"{theory:0.000}",
                    $"{summary.Mean:0.000} ± {summary.MeanWithin:0.000}",
                    $"{(summary.Mean / theory) - 1:+0.0 %;-0.0 %}");
            }
        }
        Line(text, $"");
    }

    private static void AllAlike(StringBuilder text)
    {
        Line(text, $"| strategy | mean 0.5 | mean 0.7 | mean 0.9 | p99 0.7 | p99 0.9 | p99.9 0.7 | p99.9 0.9 |");
        Line(text, $"|---|---:|---:|---:|---:|---:|---:|---:|");
        foreach (var (strategy, _) in Strategies)
        {
            var (low, middle, high) = (At(strategy, 0.5), At(strategy, 0.7), At(strategy, 0.9));
            Row(
                text,
                $"`{strategy}`",
                $"{low.Mean:0.00}",
                $"{middle.Mean:0.00}",
                $"{high.Mean:0.00}",
                $"{middle.P99:0.0}",
                $"{high.P99:0.0}",
                $"{middle.P999:0.0}",
                $"{high.P999:0.0}");
        }
        var (half, most, nearly) = (ClosedForms.OneQueue(0.5, 10), ClosedForms.OneQueue(0.7, 10), ClosedForms.OneQueue(0.9, 10));
        Line(text, $"| *one queue for all (M/M/n)* | {half:0.00} | {most:0.00} | {nearly:0.00} | | | | |");
        Line(text, $"");
    }

    private static void InTrouble(StringBuilder text)
    {
        var head = string.Join(" | ", Troubles.Select(trouble => trouble.What));
        var rule = string.Concat(Enumerable.Repeat("---:|", Troubles.Length));
        var runs = Strategies.Select(row => (row.Strategy, Summaries: Troubles.Select(trouble =>
            (trouble.Odd, Summary: QueueingSimulation.Run(trouble.Scenario with { Strategy = row.Strategy }))).ToArray())).ToArray();
        Line(text, $"| mean, p99 | {head} |");
        Line(text, $"|---|{rule}");
        foreach (var (strategy, summaries) in runs)
            Row(text, [$"`{strategy}`", .. summaries.Select(run => (FormattableString)$"{run.Summary.Mean:0.00}, {run.Summary.P99:0.0}")]);
        Line(text, $"");
        Line(text, $"| share of the one in trouble | {head} |");
        Line(text, $"|---|{rule}");
        foreach (var (strategy, summaries) in runs)
        {
            var shares = summaries.Select(run => run.Summary.Shares[run.Odd] * run.Summary.Shares.Length);
            Line(
                text,
                $"| `{strategy}` | {string.Join(" | ", shares.Select(share => share.ToString("0.00", CultureInfo.InvariantCulture)))} |");
        }
        Line(text, $"");
    }

    private static Summary At(string strategy, double load) => QueueingSimulation.Run(new Scenario { Strategy = strategy, Load = load });

    private static string Chart()
    {
        var runs = Strategies
            .Select(row => (row.Strategy, row.Color, Results: Loads.Select(load => (load, Summary: At(row.Strategy, load))).ToArray()))
            .ToArray();
        Curve Of((string Strategy, string Color, (double Load, Summary Summary)[] Results) run, Func<Summary, double> figure) =>
            new(run.Strategy, run.Color, false, [.. run.Results.Select(result => (result.Load, figure(result.Summary)))]);
        Curve Theory(string name, string color, Func<double, double> mean) => new(
            name, color, true, [.. Loads.Select(load => (load, mean(load)))]);
        return LineChart.Draw(
            "load",
            [
                new Panel(
                    "Mean response time, in mean service times (10 servers)",
                    1,
                    25,
                    [1, 2, 3, 5, 10, 20],
                    [
                        .. runs.Select(run => Of(run, summary => summary.Mean)),
                        Theory("M/M/1: random, exact", "#7f1010", ClosedForms.Random),
                        Theory("E10/M/1: round-robin, exact", "#9a4d00", load => ClosedForms.RoundRobin(load, 10)),
                        Theory("power-of-two, of many servers", "#0b3d66", ClosedForms.PowerOfTwo),
                        Theory("M/M/10: nothing is better", "#000000", load => ClosedForms.OneQueue(load, 10)),
                    ]),
                new Panel(
                    "99th percentile, in mean service times",
                    4,
                    100,
                    [5, 10, 20, 50, 100],
                    [.. runs.Select(run => Of(run, summary => summary.P99))]),
            ]);
    }

    private static void Row(StringBuilder text, params FormattableString[] cells) =>
        text.Append("| ").AppendJoin(" | ", cells.Select(FormattableString.Invariant)).Append(" |\n");

    private static void Line(StringBuilder text, FormattableString line) =>
        text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
