using System.Collections.Immutable;
using BenchmarkDotNet.Attributes;
using McpActors.Routing.Balancing;

namespace McpActors.Benchmarks.Micro;

/// <summary>One choice of a server, with the attempt's start and end as the router counts them. The servers have three priorities.</summary>
[MemoryDiagnoser]
[ShortRunJob]
public class StrategyBenchmarks
{
    private ILoadBalancingStrategy _strategy = null!;
    private CandidateSet _candidates = null!;

    [Params(10, 16, 100, 10_000)]
    public int Servers { get; set; }

    [Params(false, true)]
    public bool Weighted { get; set; }

    [ParamsSource(nameof(Names))]
    public string Strategy { get; set; } = "";

    public static IEnumerable<string> Names => Strategies.BuiltIn.Keys.Order(StringComparer.Ordinal);

    [GlobalSetup]
    public void SetUp()
    {
        _strategy = Strategies.BuiltIn[Strategy](new StrategyContext(new Random(1), TimeProvider.System, TimeSpan.FromSeconds(30)));
        var random = new Random(2);
        ImmutableArray<Candidate> servers =
        [
            .. Enumerable.Range(0, Servers).Select(i =>
                new Candidate(new object(), $"server-{i}", priority: i % 3, weight: Weighted ? (i % 5) + 1 : 1, ordinal: i) { InFlight = random.Next(5) }),
        ];
        _candidates = new CandidateSet(servers, servers);
    }

    [Benchmark]
    public Candidate Choose()
    {
        var chosen = _strategy.Choose(_candidates, "some key");
        chosen.InFlight++;
        _strategy.Ended(chosen, AttemptOutcome.Succeeded, TimeSpan.FromMilliseconds(1));
        chosen.InFlight--;
        return chosen;
    }
}
