using System.Globalization;
using System.Text.Json;
using McpActors.Balancing;
using McpActors.Benchmarks.Queueing;
using McpActors.Configuration;

namespace McpActors.Benchmarks.Simulate;

/// <summary>Simulates strategies: one scenario, or all of docs/balancing.md.</summary>
internal static class SimulateCommand
{
    public const string Usage =
        """
        simulate --strategy S [--servers N] [--load L] [--slow K:FACTOR] [--failing K:PROBABILITY] [--flapping K:SECONDS]
                          [--calls N] [--seed N] [--json]          one strategy among simulated servers
               simulate --all [--svg FILE]                               the tables and the chart of docs/balancing.md
        """;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Runs the simulation. Returns the exit code, 2 when the options cannot be parsed.</summary>
    public static int Run(string[] options)
    {
        try
        {
            var json = options.Contains("--json");
            var all = options.Contains("--all");
            var values = Values([.. options.Where(option => option is not ("--json" or "--all"))]);
            if (all)
            {
                var svg = values.GetValueOrDefault("--svg");
                Console.Out.Write(BalancingDocument.Write(svg));
                return 0;
            }
            var scenario = ScenarioOf(values);
            var summary = QueueingSimulation.Run(scenario);
            Console.Out.Write(
                json ? JsonSerializer.Serialize(Figures(scenario, summary), Json) + "\n" : SimulationText.Of(scenario, summary));
            return 0;
        }
        catch (FormatException problem)
        {
            Console.Error.WriteLine(problem.Message);
            Console.Error.WriteLine($"usage: {Usage}");
            return 2;
        }
    }

    /// <summary>The theoretical result for equal and healthy servers; null where theory has none.</summary>
    public static (string Name, double Mean)? TheoryOf(Scenario scenario)
    {
        if (scenario.Slow.Count + scenario.Failing.Count + scenario.Flapping.Count > 0 || scenario.Load >= 1)
            return null;
        return scenario.Strategy switch
        {
            StrategyNames.Random => ("M/M/1, exact", ClosedForms.Random(scenario.Load)),
            StrategyNames.RoundRobin or StrategyNames.Priority =>
                ("E_n/M/1, exact", ClosedForms.RoundRobin(scenario.Load, scenario.Servers)),
            StrategyNames.PowerOfTwo => ("in the limit of many servers", ClosedForms.PowerOfTwo(scenario.Load)),
            StrategyNames.LeastConnections when scenario.Servers > 16 =>
                ("in the limit of many servers", ClosedForms.PowerOfTwo(scenario.Load)),
            _ => null,
        };
    }

    private static Dictionary<string, string> Values(string[] options)
    {
        if (options.Length % 2 != 0)
            throw new FormatException($"{options[^1]} needs a value");
        return options.Chunk(2).ToDictionary(pair => pair[0], pair => pair[1]);
    }

    private static Scenario ScenarioOf(Dictionary<string, string> values)
    {
        var scenario = new Scenario { Strategy = "" };
        foreach (var (option, value) in values)
        {
            scenario = option switch
            {
                "--strategy" => scenario with { Strategy = value },
                "--servers" => scenario with { Servers = (int)Number(option, value, 1, 100_000) },
                "--load" => scenario with { Load = Number(option, value, 0.001, 10) },
                "--slow" => scenario with { Slow = Some(option, value) },
                "--failing" => scenario with { Failing = Some(option, value) },
                "--flapping" => scenario with { Flapping = Some(option, value) },
                "--calls" => scenario with { Calls = (int)Number(option, value, 100, 100_000_000) },
                "--seed" => scenario with { Seed = (int)Number(option, value, 0, int.MaxValue) },
                _ => throw new FormatException($"there is no option {option}"),
            };
        }
        if (!Strategies.BuiltIn.ContainsKey(scenario.Strategy))
        {
            throw new FormatException(
                $"--strategy must be one of {string.Join(", ", Strategies.BuiltIn.Keys.Order(StringComparer.Ordinal))}");
        }
        var odd = scenario.Slow.Count + scenario.Flapping.Count + scenario.Failing.Count;
        if (odd > scenario.Servers || scenario.Flapping.Count == scenario.Servers)
            throw new FormatException("more servers are slow, flapping or failing than there are, or all of them are flapping");
        return scenario;
    }

    private static Scenario.Some Some(string option, string value)
    {
        var parts = value.Split(':');
        return parts.Length == 2
            ? new Scenario.Some((int)Number(option, parts[0], 0, 100_000), Number(option, parts[1], 0.001, 1e6))
            : throw new FormatException($"{option} wants how many and how much, such as 1:10");
    }

    private static double Number(string option, string value, double least, double most) =>
        double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new FormatException($"{option} wants a number from {least} to {most}, not {value}");

    private static object Figures(Scenario scenario, Summary summary) => new
    {
        scenario,
        summary.Mean,
        summary.MeanWithin,
        summary.P50,
        summary.P99,
        summary.P999,
        summary.FailedShare,
        summary.Shares,
        Theory = TheoryOf(scenario)?.Mean,
        Bound = scenario.Load < 1 ? ClosedForms.OneQueue(scenario.Load, scenario.Servers) : (double?)null,
    };
}
