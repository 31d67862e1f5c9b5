using System.Text.Json.Serialization;
using Akka.Actor;
using Akka.Event;

namespace McpActors.Connections;

/// <summary>What an operator, or the circuit for it, asks of a connection.</summary>
internal enum ConnectionCommand
{
    /// <summary>Connect now, also when disconnected or waiting.</summary>
    Connect,

    /// <summary>Close and stay closed.</summary>
    Disconnect,

    /// <summary>Close and connect again without waiting.</summary>
    Reconnect,

    /// <summary>Look now whether the server answers, where it is connected; elsewhere nothing. One that was looked at a moment ago is not looked at again.</summary>
    Probe,
}

/// <summary>A connection tells its parent of each change. The first failure and its time stay until the next one.</summary>
internal sealed record ConnectionReport : IDeadLetterSuppression, INoSerializationVerificationNeeded
{
    public ServerStatus Status { get; init; }

    /// <summary>True once the client and its process are gone; always false while <see cref="Status"/> is not <see cref="ServerStatus.Disconnected"/>.</summary>
    public bool Closed { get; init; }

    /// <summary>A new session is being made in place of a lost one: attempts are welcome, they wait for it.</summary>
    public bool Resuming { get; init; }

    /// <summary>Why the status is what it is, for <see cref="ServerStatus.Error"/>.</summary>
    public string? Reason { get; init; }

    public string? LastError { get; init; }

    public DateTimeOffset? LastErrorAt { get; init; }

    public DateTimeOffset? NextReconnect { get; init; }

    public string? ProtocolVersion { get; init; }

    public string? ServerName { get; init; }

    public string? ServerVersion { get; init; }

    public int Restarts { get; init; }

    /// <summary>
    /// Names what the server keeps between calls of this connection: another number for another session. Null when it keeps nothing by protocol
    /// (2026-07-28, or Streamable HTTP without a session id).
    /// </summary>
    public long? Session { get; init; }

    /// <summary>The last catalogue that was read; null before the first.</summary>
    [JsonIgnore]
    public ServerCatalogue? Catalogue { get; init; }

    /// <summary>How many connection attempts failed since the last that succeeded: the circuit counts them.</summary>
    public int FailedConnects { get; init; }
}

/// <summary>
/// Asks an actor of the pool how much it holds for calls: all zero when no call is under way. A connection, a circuit and the router answer with
/// <see cref="ConnectionLoad"/> and its likes, in every state.
/// </summary>
internal sealed record GetLoad : INoSerializationVerificationNeeded
{
    public static GetLoad Instance { get; } = new();
}

/// <summary>What a connection holds.</summary>
/// <param name="Running">Attempts that run on its client.</param>
/// <param name="Resumed">Attempts that wait for a new session.</param>
internal sealed record ConnectionLoad(int Running, int Resumed) : INoSerializationVerificationNeeded;

/// <summary>Numbers the sessions of all connections of the process: no two are ever taken for one. Thread-safe.</summary>
internal static class ConnectionSessions
{
    private static long _last;

    public static long Next() => Interlocked.Increment(ref _last);
}
