using System.Text.Json.Serialization;
using Akka.Actor;
using Akka.Event;
using ModelContextProtocol.Protocol;

namespace McpActors.Connections;

/// <summary>A command of an operator, or of the circuit, to a connection.</summary>
internal enum ConnectionCommand
{
    /// <summary>Connect now, also when disconnected or waiting.</summary>
    Connect,

    /// <summary>Close and stay closed.</summary>
    Disconnect,

    /// <summary>Close and connect again without waiting.</summary>
    Reconnect,

    /// <summary>Probe the server now, unless it is not connected or was probed a moment ago.</summary>
    Probe,
}

/// <summary>
/// The state of a connection, which it sends to its parent after each change. <see cref="LastError"/> and <see cref="LastErrorAt"/> are
/// kept until the next failure.
/// </summary>
internal sealed record ConnectionReport : IDeadLetterSuppression, INoSerializationVerificationNeeded
{
    public ServerStatus Status { get; init; }

    /// <summary>
    /// The client and its process are gone. False unless <see cref="Status"/> is <see cref="ServerStatus.Disconnected"/>.
    /// </summary>
    public bool Closed { get; init; }

    /// <summary>A new session is being opened in place of a lost one; attempts are accepted and wait for it.</summary>
    public bool Resuming { get; init; }

    /// <summary>The reason for <see cref="ServerStatus.Error"/>.</summary>
    public string? Reason { get; init; }

    public string? LastError { get; init; }

    public DateTimeOffset? LastErrorAt { get; init; }

    public DateTimeOffset? NextReconnect { get; init; }

    public string? ProtocolVersion { get; init; }

    public string? ServerName { get; init; }

    public string? ServerVersion { get; init; }

    public int Restarts { get; init; }

    /// <summary>
    /// The number of the session in which the server keeps state between calls. Null when the protocol has no such state (2026-07-28, or
    /// Streamable HTTP without a session id).
    /// </summary>
    public long? Session { get; init; }

    /// <summary>The last catalogue that was read; null before the first reading.</summary>
    [JsonIgnore]
    public ServerCatalogue? Catalogue { get; init; }

    /// <summary>Failed connection attempts since the last success; the circuit counts them.</summary>
    public int FailedConnects { get; init; }

    /// <summary>The server has been connected before, so that a connection is a reconnection.</summary>
    public bool HasConnectedBefore => ProtocolVersion is not null;

    /// <summary>A connection is being opened.</summary>
    public ConnectionReport AsConnecting(bool resuming) =>
        this with { Status = ServerStatus.Connecting, Closed = false, Resuming = resuming, NextReconnect = null };

    /// <summary>A connection is open.</summary>
    public ConnectionReport AsConnected(string protocolVersion, Implementation? serverInfo, long? session) => this with
    {
        Status = ServerStatus.Connected,
        Resuming = false,
        Reason = null,
        NextReconnect = null,
        FailedConnects = 0,
        ProtocolVersion = protocolVersion,
        ServerName = serverInfo?.Name,
        ServerVersion = serverInfo?.Version,
        Restarts = Restarts + (HasConnectedBefore ? 1 : 0),
        Session = session,
    };

    /// <summary>The connection was lost or could not be opened; the next attempt follows after a wait.</summary>
    public ConnectionReport AsWaiting(string reason, DateTimeOffset now, TimeSpan wait, int failedConnects) => WithError(reason, now) with
    {
        Status = ServerStatus.Error,
        Resuming = false,
        Closed = false,
        Reason = reason,
        NextReconnect = now + wait,
        FailedConnects = failedConnects,
    };

    /// <summary>Disconnected by an operator.</summary>
    public ConnectionReport AsDisconnected(bool closed) =>
        this with { Status = ServerStatus.Disconnected, Closed = closed, Resuming = false, Reason = null, NextReconnect = null };

    /// <summary>An error that does not change the status.</summary>
    public ConnectionReport WithError(string error, DateTimeOffset now) => this with { LastError = error, LastErrorAt = now };
}

/// <summary>
/// Asks an actor of the pool how much it holds for calls: all zero when no call is under way. A connection answers with
/// <see cref="ConnectionLoad"/>, a circuit and the router with their own records, in every state.
/// </summary>
internal sealed record GetLoad : INoSerializationVerificationNeeded
{
    public static GetLoad Instance { get; } = new();
}

/// <summary>The load of a connection.</summary>
/// <param name="Running">Attempts that run on its client.</param>
/// <param name="Resumed">Attempts that wait for a new session.</param>
internal sealed record ConnectionLoad(int Running, int Resumed) : INoSerializationVerificationNeeded;

/// <summary>Numbers the sessions of all connections of the process; no number is used twice. Thread-safe.</summary>
internal static class ConnectionSessions
{
    private static long _last;

    public static long Next() => Interlocked.Increment(ref _last);
}
