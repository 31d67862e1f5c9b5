using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Akka.Actor;
using McpActors.Balancing;
using McpActors.Configuration;

namespace McpActors.Benchmarks.ChoiceCost;

/// <summary>
/// The cost of one choice, including the count of attempts in flight and the end of an attempt, by strategy and number of servers. Each
/// figure is that of the fastest tenth of many short rounds: other load on the machine makes rounds slower, never faster.
/// </summary>
internal static class ChoiceCostCommand
{
    private const int Rounds = 200;
    private const int Choices = 1000;
    private const int WarmUpRounds = 100;

    private static readonly int[] Sizes = [10, 16, 100, 10_000];

    /// <summary>Prints the table.</summary>
    public static void Run()
    {
        string[] columns = [.. Sizes.Select(Name), .. Sizes.Select(size => $"{Name(size)}, weights differ")];
        Console.WriteLine($"| strategy | {string.Join(" | ", columns)} |");
        Console.WriteLine($"|---|{string.Concat(columns.Select(_ => "---:|"))}");
        foreach (var strategy in Strategies.BuiltIn.Keys.Order(StringComparer.Ordinal))
        {
            var figures = new[] { false, true }.SelectMany(weighted => Sizes.Select(size => Nanoseconds(strategy, size, weighted)));
            Console.WriteLine(
                $"| `{strategy}` | {string.Join(" | ", figures.Select(figure => figure.ToString("0", CultureInfo.InvariantCulture)))} |");
        }
    }

    private static string Name(int size) => size.ToString("#,0", CultureInfo.InvariantCulture).Replace(',', ' ');

    private static double Nanoseconds(string strategy, int servers, bool weighted)
    {
        var load = new SteadyLoad(strategy, servers, weighted);
        for (var round = 0; round < WarmUpRounds; round++)
            load.Run(Choices);
        var times = new double[Rounds];
        for (var round = 0; round < Rounds; round++)
        {
            var start = Stopwatch.GetTimestamp();
            load.Run(Choices);
            times[round] = Stopwatch.GetElapsedTime(start).TotalNanoseconds / Choices;
        }
        Array.Sort(times);
        return times[Rounds / 10];
    }

    /// <summary>Two attempts in flight for each server; each new attempt ends the oldest.</summary>
    private sealed class SteadyLoad
    {
        private readonly ILoadBalancingStrategy _strategy;
        private readonly CandidateSet _candidates;
        private readonly Candidate[] _inFlight;
        private readonly string[] _keys;
        private int _oldest;
        private int _key;

        public SteadyLoad(string strategy, int servers, bool weighted)
        {
            _strategy = Strategies.BuiltIn[strategy](new StrategyContext(new Random(1), TimeProvider.System, TimeSpan.FromSeconds(30)));
            ImmutableArray<Candidate> members = [.. Enumerable.Range(0, servers).Select(i => Server(i, weighted ? (i % 5) + 1 : 1))];
            _candidates = new CandidateSet(members, members);
            _keys = [.. Enumerable.Range(0, 4096).Select(i => $"key {i}")];
            _inFlight = [.. Enumerable.Range(0, 2 * servers).Select(_ => Begin())];
        }

        public void Run(int choices)
        {
            for (var i = 0; i < choices; i++)
            {
                var ended = _inFlight[_oldest];
                _inFlight[_oldest] = Begin();
                _oldest = _oldest + 1 == _inFlight.Length ? 0 : _oldest + 1;
                ended.InFlight--;
                _strategy.Ended(ended, AttemptOutcome.Succeeded, TimeSpan.FromMilliseconds(1));
            }
        }

        private static Candidate Server(int ordinal, int weight)
        {
            var settings = new ServerSettings { Name = $"server-{ordinal}", Priority = ordinal % 3, Weight = weight };
            return new ServerEntry(settings, ActorRefs.Nobody, ordinal).Candidate;
        }

        private Candidate Begin()
        {
            _key = (_key + 1) % _keys.Length;
            var chosen = _strategy.Choose(_candidates, _keys[_key]);
            chosen.InFlight++;
            return chosen;
        }
    }
}
