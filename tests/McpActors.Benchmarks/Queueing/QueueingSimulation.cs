using System.Collections.Immutable;
using Akka.Actor;
using McpActors.Balancing;
using McpActors.Configuration;

namespace McpActors.Benchmarks.Queueing;

/// <summary>
/// A discrete-event simulation of a group of servers with one of the library's own strategies. Calls arrive as a Poisson
/// process, each server serves one at a time in the order of arrival, service times are exponential with a mean of 100 ms. An attempt that
/// fails does so after a millisecond without waiting in the queue, and the call goes on to another server, as in the pool; so does one for
/// which the server has no place left, by the pool's defaults. There is no circuit and no time limit.
/// </summary>
internal sealed class QueueingSimulation
{
    public const double ServiceSeconds = 0.1;

    private const double FailureSeconds = 0.001;
    private const int MostAttempts = 3;
    private const int Places = 128;
    private const int KeysPerServer = 100;

    private readonly Scenario _scenario;
    private readonly SimulatedClock _clock = new();
    private readonly Random _arrivals;
    private readonly Random _services;
    private readonly Random _failures;
    private readonly ILoadBalancingStrategy _strategy;
    private readonly Server[] _servers;
    private readonly string[] _keys;
    private readonly ImmutableArray<Candidate> _members;
    private readonly PriorityQueue<Server, double> _departures = new();
    private readonly double[] _responses;
    private readonly int _warmUp;
    private CandidateSet _available;
    private bool _flapped;

    private QueueingSimulation(Scenario scenario)
    {
        _scenario = scenario;
        // Arrivals, service times and failures are the same for every strategy, because each source has its own seed.
        _arrivals = new Random(scenario.Seed);
        _services = new Random(scenario.Seed + 1);
        _failures = new Random(scenario.Seed + 2);
        _strategy = Strategies.BuiltIn[scenario.Strategy](
            new StrategyContext(new Random(scenario.Seed + 3), _clock, TimeSpan.FromSeconds(30)));
        _servers = [.. Enumerable.Range(0, scenario.Servers).Select(i => new Server(i, scenario))];
        _keys = [.. Enumerable.Range(0, scenario.Servers * KeysPerServer).Select(i => $"key-{i}")];
        _members = [.. _servers.Select(server => server.Candidate)];
        _available = new CandidateSet(_members, _members);
        _warmUp = scenario.Calls / 10;
        _responses = new double[_warmUp + scenario.Calls];
    }

    /// <summary>Simulates it to the end of the last call.</summary>
    public static Summary Run(Scenario scenario)
    {
        var simulation = new QueueingSimulation(scenario);
        simulation.Run();
        // Responses in units of the mean service time.
        return new Summary(simulation._responses[simulation._warmUp..], [.. simulation._servers.Select(server => server.Attempts)]);
    }

    private void Run()
    {
        var rate = _scenario.Load * _scenario.Servers / ServiceSeconds;
        var arrival = Exponential(_arrivals, 1 / rate);
        var flap = _scenario.Flapping.Count > 0 ? _scenario.Flapping.Amount : double.PositiveInfinity;
        for (var call = 0; ;)
        {
            var departure = _departures.TryPeek(out _, out var first) ? first : double.PositiveInfinity;
            var arrives = call < _responses.Length ? arrival : double.PositiveInfinity;
            if (double.IsInfinity(arrives) && double.IsInfinity(departure))
                return;
            _clock.Seconds = Math.Min(flap, Math.Min(arrives, departure));
            if (flap <= Math.Min(arrives, departure))
            {
                flap += _scenario.Flapping.Amount;
                Flap();
            }
            else if (arrives <= departure)
            {
                arrival += Exponential(_arrivals, 1 / rate);
                Arrive(call++);
            }
            else
            {
                Depart(_departures.Dequeue());
            }
        }
    }

    private void Arrive(int call)
    {
        var key = _keys[_arrivals.Next(_keys.Length)];
        var left = _available;
        for (var attempt = 1; ; attempt++)
        {
            var chosen = _strategy.Choose(left, key);
            var server = _servers[chosen.Ordinal];
            if (call >= _warmUp)
                server.Attempts++;
            var full = chosen.InFlight == Places;
            if (!full && !(server.FailureProbability > 0 && _failures.NextDouble() < server.FailureProbability))
            {
                server.Waiting.Enqueue((call, _clock.Seconds));
                if (++chosen.InFlight == 1)
                    Serve(server);
                return;
            }
            _strategy.Ended(chosen, full ? AttemptOutcome.NotSent : AttemptOutcome.ServerError, TimeSpan.FromSeconds(FailureSeconds));
            if (attempt == MostAttempts || left.Servers.Length == 1)
            {
                _responses[call] = double.NaN;
                return;
            }
            left = left.Only(left.Servers.Remove(chosen));
        }
    }

    private void Serve(Server server) => _departures.Enqueue(server, _clock.Seconds + Exponential(_services, server.MeanSeconds));

    private void Depart(Server server)
    {
        var (call, arrivedAt) = server.Waiting.Dequeue();
        var elapsed = _clock.Seconds - arrivedAt;
        _responses[call] = elapsed / ServiceSeconds;
        if (--server.Candidate.InFlight > 0)
            Serve(server);
        _strategy.Ended(server.Candidate, AttemptOutcome.Succeeded, TimeSpan.FromSeconds(elapsed));
    }

    // A server that becomes unavailable finishes its calls.
    private void Flap()
    {
        _flapped = !_flapped;
        var first = _scenario.Slow.Count;
        _available = _flapped
            ? new CandidateSet(_members.RemoveRange(first, _scenario.Flapping.Count), _members)
            : new CandidateSet(_members, _members);
    }

    private static double Exponential(Random random, double mean) => -mean * Math.Log(1 - random.NextDouble());

    private sealed class Server(int ordinal, Scenario scenario)
    {
        public Candidate Candidate { get; } =
            new ServerEntry(new ServerSettings { Name = $"server-{ordinal}", Priority = 1 }, ActorRefs.Nobody, ordinal).Candidate;

        public double MeanSeconds { get; } = ordinal < scenario.Slow.Count ? ServiceSeconds * scenario.Slow.Amount : ServiceSeconds;

        public double FailureProbability { get; } = ordinal >= scenario.Servers - scenario.Failing.Count ? scenario.Failing.Amount : 0;

        public Queue<(int Call, double ArrivedAt)> Waiting { get; } = new();

        public long Attempts { get; set; }
    }

    private sealed class SimulatedClock : TimeProvider
    {
        private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public double Seconds { get; set; }

        public override DateTimeOffset GetUtcNow() => Start + TimeSpan.FromSeconds(Seconds);
    }
}
