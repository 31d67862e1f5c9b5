using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Akka.Actor;
using Attributes = McpActors.Telemetry.TelemetryNames.Attributes;
using Instruments = McpActors.Telemetry.TelemetryNames.Instruments;

namespace McpActors.Telemetry;

/// <summary>
/// The metrics of the pools of one actor system; <c>docs/telemetry.md</c> lists them. Measuring costs a look at a flag while nobody listens.
/// Safe from any thread.
/// </summary>
internal sealed class PoolMetrics : IExtension
{
    // The semantic conventions' boundaries for MCP, with some below them: most of what is measured here takes less than 10 ms.
    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300],
    };

    // Connections last: hours and days have to be told apart too.
    private static readonly InstrumentAdvice<double> LongSeconds = new()
    {
        HistogramBucketBoundaries = [1, 10, 60, 300, 1800, 3600, 14400, 43200, 86400, 604800],
    };

    /// <summary>What a node is counted as that cannot be reached, whatever its state.</summary>
    public const string Unreachable = "Unreachable";

    private readonly ConcurrentDictionary<long, ServerGauge> _gauges = new();
    private readonly Histogram<double> _calls;
    private readonly Histogram<double> _operations;
    private readonly Counter<long> _attempts;
    private readonly Counter<long> _failovers;
    private readonly Counter<long> _hedges;
    private readonly Counter<long> _denied;
    private readonly Counter<long> _circuitChanges;
    private readonly Histogram<double> _connects;
    private readonly Counter<long> _reconnects;
    private readonly Histogram<double> _probes;
    private readonly Histogram<double> _sessions;

    private static readonly string[] NodeStates = [.. Enum.GetNames<NodeState>(), Unreachable];

    private long _lastGauge;
    private volatile int _active;
    private volatile IReadOnlyList<string> _nodes = [nameof(NodeState.Up)];

    private PoolMetrics(ActorSystem system)
    {
        var meter = new Meter(new MeterOptions(TelemetryNames.Meter) { Version = Tracing.Version, Scope = system });
        system.RegisterOnTermination(meter.Dispose);
        _calls = meter.CreateHistogram(Instruments.CallDuration, "s", "From the pool's receipt of a call to its one reply.", null, Seconds);
        _operations = meter.CreateHistogram(Instruments.OperationDuration, "s", "Attempts that were sent to a server, until their end.", null, Seconds);
        _attempts = meter.CreateCounter<long>(Instruments.Attempts, "{attempt}", "Attempts that have ended, also those that were never sent.");
        _failovers = meter.CreateCounter<long>(Instruments.Failovers, "{call}", "Calls that went on to another server.");
        _hedges = meter.CreateCounter<long>(Instruments.Hedges, "{attempt}", "Second attempts that were sent beside a slow first one.");
        _denied = meter.CreateCounter<long>(Instruments.RetriesDenied, "{attempt}", "Retries that the retry budget did not allow.");
        _circuitChanges = meter.CreateCounter<long>(Instruments.CircuitChanges, "{change}", "Changes of a circuit, by the state it came to.");
        _connects = meter.CreateHistogram(Instruments.ConnectDuration, "s", "Attempts to connect, good and bad.", null, Seconds);
        _reconnects = meter.CreateCounter<long>(Instruments.Reconnects, "{connection}", "Connections that were made anew after a loss.");
        _probes = meter.CreateHistogram(Instruments.ProbeDuration, "s", "Probes, good and bad.", null, Seconds);
        _sessions = meter.CreateHistogram(Instruments.SessionDuration, "s", "Connections, from the handshake to their end.", null, LongSeconds);
        meter.CreateObservableGauge(Instruments.CallsActive, () => _active, "{call}", "Calls that are not answered yet, or whose attempts have not all ended.");
        meter.CreateObservableGauge(Instruments.ServerInFlight, () => Loads(gauge => gauge.InFlight), "{attempt}", "Attempts that run on a server.");
        meter.CreateObservableGauge(Instruments.ServerQueued, () => Loads(gauge => gauge.Queued), "{attempt}", "Attempts that wait for a place on a server.");
        meter.CreateObservableGauge(
            Instruments.ServerStatus, () => Newest().SelectMany(gauge => gauge.MeasureStatus()), null, "1 for the state a connection is in, 0 for the others.");
        meter.CreateObservableGauge(
            Instruments.ServerCircuit, () => Newest().SelectMany(gauge => gauge.MeasureCircuit()), null, "1 for the state a circuit is in, 0 for the others.");
        meter.CreateObservableGauge(Instruments.Nodes, CountNodes, "{node}", "Nodes of the cluster, by the state that this one sees them in.");
    }

    public static PoolMetrics Of(ActorSystem system) => system.WithExtension<PoolMetrics, Provider>();

    /// <summary>Whether anybody wants to know how long calls take.</summary>
    public bool CallsEnabled => _calls.Enabled;

    /// <summary>Whether anybody wants to know of attempts.</summary>
    public bool AttemptsEnabled => _attempts.Enabled || _operations.Enabled;

    /// <summary>How many calls the router holds.</summary>
    public int ActiveCalls
    {
        set => _active = value;
    }

    /// <summary>The state of each node of the cluster; of one without a cluster until it is told otherwise.</summary>
    public IReadOnlyList<string> Nodes
    {
        set => _nodes = value;
    }

    public ServerGauge Track(string server)
    {
        var gauge = new ServerGauge(server, Interlocked.Increment(ref _lastGauge));
        _gauges[gauge.Order] = gauge;
        return gauge;
    }

    public void Forget(ServerGauge gauge) => _gauges.TryRemove(gauge.Order, out _);

    public void CallEnded(string? method, string? tool, string? group, PoolErrorKind? error, TimeSpan elapsed)
    {
        var tags = new TagList { { Attributes.Method, method } };
        AddIfKnown(ref tags, Attributes.Tool, tool);
        AddIfKnown(ref tags, Attributes.Group, group);
        AddIfKnown(ref tags, Attributes.ErrorType, error?.ToString());
        _calls.Record(elapsed.TotalSeconds, tags);
    }

    public void AttemptEnded(ServerLabels server, string method, string? tool, string? protocolVersion, AttemptOutcome outcome, string? errorType, TimeSpan elapsed)
    {
        _attempts.Add(1, new(Attributes.Server, server.Name), new(Attributes.Outcome, outcome.ToString()));
        if (outcome == AttemptOutcome.NotSent)
            return;
        var tags = new TagList { { Attributes.Method, method }, { Attributes.Server, server.Name }, { Attributes.Outcome, outcome.ToString() } };
        AddIfKnown(ref tags, Attributes.Tool, tool);
        AddIfKnown(ref tags, Attributes.ProtocolVersion, protocolVersion);
        AddIfKnown(ref tags, Attributes.Transport, server.Transport);
        AddIfKnown(ref tags, Attributes.ErrorType, errorType);
        _operations.Record(elapsed.TotalSeconds, tags);
    }

    public void FailedOver(string from, AttemptOutcome outcome)
    {
        if (_failovers.Enabled)
            _failovers.Add(1, new(Attributes.Server, from), new(Attributes.Outcome, outcome.ToString()));
    }

    public void Hedged(string group) => _hedges.Add(1, new KeyValuePair<string, object?>(Attributes.Group, group));

    public void RetryDenied() => _denied.Add(1);

    public void CircuitChanged(string server, CircuitState to) =>
        _circuitChanges.Add(1, new(Attributes.Server, server), new(Attributes.State, to.ToString()));

    public void Connected(string server, TimeSpan took, bool again)
    {
        _connects.Record(took.TotalSeconds, new KeyValuePair<string, object?>(Attributes.Server, server));
        if (again)
            _reconnects.Add(1, new KeyValuePair<string, object?>(Attributes.Server, server));
    }

    public void ConnectFailed(string server, TimeSpan took, Exception cause) =>
        _connects.Record(took.TotalSeconds, new(Attributes.Server, server), new(Attributes.ErrorType, cause.GetType().FullName));

    public void Probed(string server, TimeSpan took, Exception? failure = null)
    {
        var tags = new TagList { { Attributes.Server, server } };
        AddIfKnown(ref tags, Attributes.ErrorType, failure?.GetType().FullName);
        _probes.Record(took.TotalSeconds, tags);
    }

    public void SessionEnded(ServerLabels server, string protocolVersion, TimeSpan lasted)
    {
        var tags = new TagList { { Attributes.Server, server.Name }, { Attributes.ProtocolVersion, protocolVersion } };
        AddIfKnown(ref tags, Attributes.Transport, server.Transport);
        _sessions.Record(lasted.TotalSeconds, tags);
    }

    private static void AddIfKnown(ref TagList tags, string name, string? value)
    {
        if (value is not null)
            tags.Add(name, value);
    }

    // A server that is being replaced has calls on both of its circuits.
    private IEnumerable<Measurement<int>> Loads(Func<ServerGauge, int> load) => _gauges.Values
        .GroupBy(gauge => gauge.Server, load, StringComparer.Ordinal)
        .Select(server => new Measurement<int>(server.Sum(), new KeyValuePair<string, object?>(Attributes.Server, server.Key)));

    private IEnumerable<Measurement<int>> CountNodes()
    {
        var nodes = _nodes;
        return NodeStates.Select(state => new Measurement<int>(nodes.Count(node => node == state), new KeyValuePair<string, object?>(Attributes.State, state)));
    }

    private IEnumerable<ServerGauge> Newest() => _gauges.Values
        .GroupBy(gauge => gauge.Server, StringComparer.Ordinal)
        .Select(server => server.MaxBy(gauge => gauge.Order)!);

    private sealed class Provider : ExtensionIdProvider<PoolMetrics>
    {
        public override PoolMetrics CreateExtension(ExtendedActorSystem system) => new(system);
    }
}
