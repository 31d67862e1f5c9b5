using BenchmarkDotNet.Attributes;
using McpActors.Calls;
using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Resilience;
using McpActors.Routing;

namespace McpActors.Benchmarks.Micro;

/// <summary>The decisions about each call other than the choice of a server.</summary>
[MemoryDiagnoser]
[ShortRunJob]
public class DecisionBenchmarks
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Later = TimeSpan.FromSeconds(30);

    private readonly Circuit _circuit = new(new CircuitSettings(), new Random(1));
    private readonly RouteTable _routes = new(
        new PoolSettings
        {
            Routes = [.. Enumerable.Range(0, 20).Select(i => new RouteSettings { Match = $"service{i}.*", Group = $"group{i}" })],
        });
    private readonly FailoverPolicy _failover = new(new FailoverSettings(), new Random(1));
    private readonly AttemptResult _lost = AttemptResult.Lost("the connection ended");
    private readonly string[] _names = [.. Enumerable.Range(0, 10_001).Select(i => $"service19.tool{i}")];
    private int _next;

    [Benchmark(Description = "circuit: admit and record")]
    public bool AdmitAndRecord()
    {
        var admitted = _circuit.TryAdmit(Start, Start + Later, out var admission);
        _circuit.Record(admission, failed: false, Start);
        return admitted;
    }

    [Benchmark(Description = "route: a known name")]
    public object MatchKnown() => _routes.Match("service19.tool0");

    // One name more than the table holds, so that each is forgotten before it repeats.
    [Benchmark(Description = "route: a new name, 20 globs")]
    public object MatchNew() => _routes.Match(_names[_next = (_next + 1) % _names.Length]);

    [Benchmark(Description = "failover: decide")]
    public bool Decide() => _failover.Decide(new FinishedAttempt(
        _lost, Safe: true, AsksForFailover: false, Pinned: false, Attempts: 1, HasNext: true, Later)) == NextStep.TryNext;
}
