using System.Diagnostics.Metrics;

namespace McpActors.Telemetry;

/// <summary>
/// The current values of one server for the metrics. Written only by the actor of the server's circuit, read on any thread; the values are
/// independent of each other.
/// </summary>
internal sealed class ServerGauge(string server, long order)
{
    private static readonly ServerStatus[] Statuses = Enum.GetValues<ServerStatus>();
    private static readonly CircuitState[] Circuits = Enum.GetValues<CircuitState>();

    private volatile int _inFlight;
    private volatile int _queued;
    private volatile ServerStatus _status;
    private volatile CircuitState _circuit;

    public string Server => server;

    /// <summary>Increases with each gauge: while a server is being replaced it has two, and the newer one has the state.</summary>
    public long Order => order;

    public int InFlight => _inFlight;

    public int Queued => _queued;

    public void Load(int inFlight, int queued)
    {
        _inFlight = inFlight;
        _queued = queued;
    }

    public void State(ServerStatus status, CircuitState circuit)
    {
        _status = status;
        _circuit = circuit;
    }

    public IEnumerable<Measurement<int>> MeasureStatus() => Statuses.Select(status => Of(status == _status, status.ToString()));

    public IEnumerable<Measurement<int>> MeasureCircuit() => Circuits.Select(state => Of(state == _circuit, state.ToString()));

    private Measurement<int> Of(bool holds, string state) =>
        new(holds ? 1 : 0, new(TelemetryNames.Attributes.Server, server), new(TelemetryNames.Attributes.State, state));
}
