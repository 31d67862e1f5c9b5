using System.Text.Json.Serialization;
using Akka.Actor;
using Akka.Event;
using McpActors.Connections;

namespace McpActors.Resilience;

/// <summary>What the pool asks of a server's circuit.</summary>
internal enum CircuitCommand
{
    /// <summary>Hold it open until reset.</summary>
    Isolate,

    /// <summary>Close it and forget its failures.</summary>
    Reset,

    /// <summary>Let nothing new in; when what runs has ended, or after the time limit, disconnect.</summary>
    Drain,

    /// <summary>This pool gives the server up: as <see cref="Drain"/>, but what other nodes do with it is theirs.</summary>
    Retire,

    /// <summary>This pool closes: as <see cref="Retire"/>, at once.</summary>
    Close,
}

/// <summary>A circuit tells the pool of each change of itself and of its connection. Within a process it has the catalogue with it; between nodes that goes by itself.</summary>
/// <param name="Connection">The connection's last report.</param>
/// <param name="Circuit">The circuit's state.</param>
/// <param name="CircuitReason">Why it is in that state.</param>
/// <param name="OpenUntil">When an open circuit lets a trial call through.</param>
/// <param name="Draining">It takes no new calls.</param>
internal sealed record ServerReport(
    ConnectionReport Connection, CircuitState Circuit, string CircuitReason, DateTimeOffset? OpenUntil, bool Draining)
    : IDeadLetterSuppression, INoSerializationVerificationNeeded
{
    private const int LongestReason = 200;

    /// <summary>The node that has the one connection of the cluster; null while none has, and for a connection that each node has of its own.</summary>
    [JsonIgnore]
    public Address? HeldBy { get; init; }

    /// <summary>Why the server is in error, else why its circuit is not closed, in at most 200 characters; null when both are well.</summary>
    [JsonIgnore]
    public string? ShortReason => (Connection.Status, Circuit) switch
    {
        (ServerStatus.Error, _) => Shorten(Connection.Reason),
        (_, not CircuitState.Closed) => Shorten(CircuitReason),
        _ => null,
    };

    private static string? Shorten(string? reason) => reason is { Length: > LongestReason } ? reason[..(LongestReason - 1)] + "…" : reason;
}

/// <summary>What a circuit holds.</summary>
/// <param name="Running">Attempts that its connection has.</param>
/// <param name="Places">Places of the bulkhead that are taken.</param>
/// <param name="Queued">Attempts that wait for a place.</param>
internal sealed record CircuitLoad(int Running, int Places, int Queued) : INoSerializationVerificationNeeded;

/// <summary>What operators have said of a server and what holds until they say otherwise.</summary>
/// <param name="Isolated">Its circuit is held open.</param>
/// <param name="Disconnected">It was drained or disconnected.</param>
internal sealed record OperatorIntent(bool Isolated = false, bool Disconnected = false) : INoSerializationVerificationNeeded
{
    public static OperatorIntent None { get; } = new();

    /// <summary>What holds after a command.</summary>
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
