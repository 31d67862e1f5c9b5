using System.Text.Json.Serialization;
using Akka.Actor;
using Akka.Event;
using McpActors.Connections;

namespace McpActors.Resilience;

/// <summary>A command of the pool to a server's circuit.</summary>
internal enum CircuitCommand
{
    /// <summary>Keep it open until it is reset.</summary>
    Isolate,

    /// <summary>Close it and clear its failures.</summary>
    Reset,

    /// <summary>Admit no new attempts; disconnect when the running ones have ended, or after <c>drain-timeout</c>.</summary>
    Drain,

    /// <summary>This pool removes the server: as <see cref="Drain"/>, without an effect on other nodes.</summary>
    Retire,

    /// <summary>This pool closes: as <see cref="Retire"/>, without a wait.</summary>
    Close,
}

/// <summary>
/// The state of a circuit and its connection, which the circuit sends to the pool after each change. In-process it carries the catalogue;
/// between nodes the catalogue is sent separately.
/// </summary>
/// <param name="Connection">The connection's last report.</param>
/// <param name="Circuit">The circuit's state.</param>
/// <param name="CircuitReason">The reason for this state.</param>
/// <param name="OpenUntil">When an open circuit admits a trial call, by the pool's clock; see <see cref="PoolClock"/>.</param>
/// <param name="Draining">It admits no new attempts, and those that run may end. Off once it is closed.</param>
internal sealed record ServerReport(
    ConnectionReport Connection, CircuitState Circuit, string CircuitReason, DateTimeOffset? OpenUntil, bool Draining)
    : IDeadLetterSuppression, INoSerializationVerificationNeeded
{
    private const int LongestReason = 200;

    /// <summary>
    /// The node that has the only connection of the cluster; null while no node has it, and if each node has a connection.
    /// </summary>
    [JsonIgnore]
    public Address? HeldBy { get; init; }

    /// <summary>
    /// Why the server is in error, else why its circuit is not closed, in at most 200 characters; null when neither is so.
    /// </summary>
    [JsonIgnore]
    public string? ShortReason => (Connection.Status, Circuit) switch
    {
        (ServerStatus.Error, _) => ShortText.Of(Connection.Reason, LongestReason),
        (_, not CircuitState.Closed) => ShortText.Of(CircuitReason, LongestReason),
        _ => null,
    };

    /// <summary>The same report with the times of the pool's clock converted; between nodes they are wall-clock time.</summary>
    public ServerReport WithTimes(Func<DateTimeOffset, DateTimeOffset> convert) => this with
    {
        OpenUntil = OpenUntil is { } until ? convert(until) : null,
        Connection = Connection.NextReconnect is { } next ? Connection with { NextReconnect = convert(next) } : Connection,
    };
}

/// <summary>The load of a circuit.</summary>
/// <param name="Running">Attempts that its connection has.</param>
/// <param name="Places">Places of the bulkhead that are taken.</param>
/// <param name="Queued">Attempts that wait for a place.</param>
internal sealed record CircuitLoad(int Running, int Places, int Queued) : INoSerializationVerificationNeeded;

/// <summary>The state that operators want for a server; it holds until their next command.</summary>
/// <param name="Isolated">The circuit is kept open.</param>
/// <param name="Disconnected">The server was drained or disconnected.</param>
internal sealed record OperatorIntent(bool Isolated = false, bool Disconnected = false) : INoSerializationVerificationNeeded
{
    public static OperatorIntent None { get; } = new();

    /// <summary>The intent after a command.</summary>
    public OperatorIntent After(CircuitCommand command) => command switch
    {
        CircuitCommand.Isolate => this with { Isolated = true },
        CircuitCommand.Reset => this with { Isolated = false },
        CircuitCommand.Drain => this with { Disconnected = true },
        _ => this,
    };

    /// <summary>The commands that bring a server from an earlier intent to this one.</summary>
    public IEnumerable<object> CommandsAfter(OperatorIntent before)
    {
        if (before.Isolated != Isolated)
            yield return Isolated ? CircuitCommand.Isolate : CircuitCommand.Reset;
        if (before.Disconnected != Disconnected)
            yield return Disconnected ? CircuitCommand.Drain : ConnectionCommand.Connect;
    }

    /// <inheritdoc cref="After(CircuitCommand)"/>
    public OperatorIntent After(ConnectionCommand command) =>
        command == ConnectionCommand.Probe ? this : this with { Disconnected = command == ConnectionCommand.Disconnect };
}
