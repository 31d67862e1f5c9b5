using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Akka.Actor;
using Attributes = McpActors.Telemetry.TelemetryNames.Attributes;
using Instruments = McpActors.Telemetry.TelemetryNames.Instruments;

namespace McpActors.Telemetry;

/// <summary>
/// The metrics of the pools of one actor system; <c>docs/telemetry.md</c> lists them. Without a listener, a measurement only reads a flag.
/// Thread-safe.
/// </summary>
internal sealed class PoolMetrics : IExtension
{
    // The boundaries of the semantic conventions for MCP, and finer ones below 10 ms, where most durations are.
    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300],
    };

    // Connections last for hours or days.
    private static readonly InstrumentAdvice<double> LongSeconds = new()
    {
        HistogramBucketBoundaries = [1, 10, 60, 300, 1800, 3600, 14400, 43200, 86400, 604800],
    };

    /// <summary>The state under which unreachable nodes are counted.</summary>
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
        _calls = meter.CreateHistogram(
            Instruments.CallDuration, "s", "From the receipt of a call by the pool to its reply.", null, Seconds);
        _operations = meter.CreateHistogram(
            Instruments.OperationDuration, "s", "Attempts that were sent to a server, until their end.", null, Seconds);
        _attempts = meter.CreateCounter<long>(Instruments.Attempts, "{attempt}", "Attempts that have ended, sent or not.");
        _failovers = meter.CreateCounter<long>(Instruments.Failovers, "{call}", "Calls that were moved to another server.");
        _hedges = meter.CreateCounter<long>(Instruments.Hedges, "{attempt}", "Second attempts in parallel to a slow first one.");
        _denied = meter.CreateCounter<long>(Instruments.RetriesDenied, "{attempt}", "Retries that the retry budget did not allow.");
        _circuitChanges = meter.CreateCounter<long>(Instruments.CircuitChanges, "{change}", "State changes of circuits, by the new state.");
        _connects = meter.CreateHistogram(Instruments.ConnectDuration, "s", "Connection attempts, successful or failed.", null, Seconds);
        _reconnects = meter.CreateCounter<long>(Instruments.Reconnects, "{connection}", "Connections that were reopened after a loss.");
        _probes = meter.CreateHistogram(Instruments.ProbeDuration, "s", "Probes, answered or failed.", null, Seconds);
        _sessions = meter.CreateHistogram(
            Instruments.SessionDuration, "s", "Connections, from the handshake to their end.", null, LongSeconds);
        meter.CreateObservableGauge(
            Instruments.CallsActive, () => _active, "{call}", "Calls that are not answered yet, or whose attempts have not all ended.");
        meter.CreateObservableGauge(
            Instruments.ServerInFlight, () => Loads(gauge => gauge.InFlight), "{attempt}", "Attempts that run on a server.");
        meter.CreateObservableGauge(
            Instruments.ServerQueued, () => Loads(gauge => gauge.Queued), "{attempt}", "Attempts that wait for a place on a server.");
        meter.CreateObservableGauge(
            Instruments.ServerStatus,
            () => Newest().SelectMany(gauge => gauge.MeasureStatus()),
            null,
            "1 for the current state of a connection, 0 for the others.");
        meter.CreateObservableGauge(
            Instruments.ServerCircuit,
            () => Newest().SelectMany(gauge => gauge.MeasureCircuit()),
            null,
            "1 for the current state of a circuit, 0 for the others.");
        meter.CreateObservableGauge(
            Instruments.SharedEntries, () => SharedEntries, "{entry}", "Changes that the nodes of the cluster share.");
        meter.CreateObservableGauge(Instruments.Nodes, CountNodes, "{node}", "Nodes of the cluster, by their state as seen by this node.");
    }

    public static PoolMetrics Of(ActorSystem system) => system.WithExtension<PoolMetrics, Provider>();

    /// <summary>Whether a listener measures calls.</summary>
    public bool CallsEnabled => _calls.Enabled;

    /// <summary>Whether a listener measures attempts.</summary>
    public bool AttemptsEnabled => _attempts.Enabled || _operations.Enabled;

    /// <summary>The number of calls that the router holds.</summary>
    public int ActiveCalls
    {
        set => _active = value;
    }

    /// <summary>
    /// The state of each node of the cluster. Initially one node that is <see cref="NodeState.Up"/>, as without a cluster.
    /// </summary>
    public IReadOnlyList<string> Nodes
    {
        set => _nodes = value;
    }

    /// <summary>The number of changes that the nodes of the cluster share; 0 without a cluster.</summary>
    public int SharedEntries { get; set; }

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

    public void AttemptEnded(
        ServerLabels server,
        string method,
        string? tool,
        string? protocolVersion,
        AttemptOutcome outcome,
        string? errorType,
        TimeSpan elapsed)
    {
        _attempts.Add(1, new(Attributes.Server, server.Name), new(Attributes.Outcome, outcome.ToString()));
        if (outcome == AttemptOutcome.NotSent)
            return;
        var tags = new TagList
        {
            { Attributes.Method, method },
            { Attributes.Server, server.Name },
            { Attributes.Outcome, outcome.ToString() },
        };
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

    // While a server is being replaced, calls run on both of its circuits.
    private IEnumerable<Measurement<int>> Loads(Func<ServerGauge, int> load) => _gauges.Values
        .GroupBy(gauge => gauge.Server, load, StringComparer.Ordinal)
        .Select(server => new Measurement<int>(server.Sum(), new KeyValuePair<string, object?>(Attributes.Server, server.Key)));

    private IEnumerable<Measurement<int>> CountNodes()
    {
        var nodes = _nodes;
        return NodeStates.Select(state => new Measurement<int>(
            nodes.Count(node => node == state), new KeyValuePair<string, object?>(Attributes.State, state)));
    }

    private IEnumerable<ServerGauge> Newest() => _gauges.Values
        .GroupBy(gauge => gauge.Server, StringComparer.Ordinal)
        .Select(server => server.MaxBy(gauge => gauge.Order)!);

    private sealed class Provider : ExtensionIdProvider<PoolMetrics>
    {
        public override PoolMetrics CreateExtension(ExtendedActorSystem system) => new(system);
    }
}
