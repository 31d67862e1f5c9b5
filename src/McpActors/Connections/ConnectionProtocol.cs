using System.Text.Json.Serialization;
using Akka.Actor;
using Akka.Event;
using McpActors.Configuration;

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
    /// <summary>A longer name is cut: it is part of every log line about a connection.</summary>
    public const int LongestServerName = 128;

    /// <summary>A longer version is cut.</summary>
    public const int LongestServerVersion = 64;

    public ServerStatus Status { get; init; }

    /// <summary>
    /// The client and its process are gone. False unless <see cref="Status"/> is <see cref="ServerStatus.Disconnected"/>.
    /// </summary>
    public bool Closed { get; init; }

    /// <summary>A new session is being opened in place of a lost one; attempts are accepted and wait for it.</summary>
    public bool Resuming { get; init; }

    /// <summary>It runs calls and does not answer probes: no new calls while other servers can take them.</summary>
    public bool IsSlow { get; init; }

    /// <summary>The last line that its program wrote to stderr while it started last; null when it wrote none.</summary>
    public string? StartOutput { get; init; }

    /// <summary>The reason for <see cref="ServerStatus.Error"/>, or who disconnected it; null when it has not been connected yet.</summary>
    public string? Reason { get; init; }

    public string? LastError { get; init; }

    /// <summary>Wall-clock time.</summary>
    public DateTimeOffset? LastErrorAt { get; init; }

    /// <summary>By the pool's clock; see <see cref="PoolClock"/>.</summary>
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

    /// <summary>A reading of its catalogue on this connection has ended, whatever it brought.</summary>
    public bool IsListed { get; init; }

    /// <summary>The last reading on this connection could read every list.</summary>
    public bool HasAllLists { get; init; }

    /// <summary>Remarks about its lists, one sentence each.</summary>
    public IReadOnlyList<string> Remarks { get; init; } = [];

    /// <summary>The last catalogue that was read; null before the first reading.</summary>
    [JsonIgnore]
    public ServerCatalogue? Catalogue { get; init; }

    /// <summary>Failed connection attempts since the last success; the circuit counts them.</summary>
    public int FailedConnects { get; init; }

    /// <summary>The server has been connected before, so that a connection is a reconnection.</summary>
    public bool HasConnectedBefore => ProtocolVersion is not null;

    /// <summary>A connection is being opened.</summary>
    public ConnectionReport AsConnecting(bool resuming) => this with
    {
        Status = ServerStatus.Connecting,
        Closed = false,
        Resuming = resuming,
        IsSlow = false,
        NextReconnect = null,
        StartOutput = null,
    };

    /// <summary>A connection is open.</summary>
    public ConnectionReport AsConnected(Connection connection, CurrentRedactor redactor) => this with
    {
        Status = ServerStatus.Connected,
        Resuming = false,
        Reason = null,
        NextReconnect = null,
        FailedConnects = 0,
        ProtocolVersion = connection.ProtocolVersion,
        ServerName = ShortText.Of(redactor.Redact(connection.ServerName), LongestServerName),
        ServerVersion = ShortText.Of(redactor.Redact(connection.ServerVersion), LongestServerVersion),
        Restarts = Restarts + (HasConnectedBefore ? 1 : 0),
        Session = connection.IsStateful ? ConnectionSessions.Next() : null,
        IsListed = false,
        HasAllLists = false,
    };

    /// <summary>The connection was lost or could not be opened; the next attempt follows after a wait, or only on a command.</summary>
    public ConnectionReport AsWaiting(string reason, DateTimeOffset at, DateTimeOffset? next, int failedConnects) => this with
    {
        Status = ServerStatus.Error,
        Resuming = false,
        IsSlow = false,
        Closed = false,
        Reason = reason,
        LastError = reason,
        LastErrorAt = at,
        NextReconnect = next,
        FailedConnects = failedConnects,
    };

    /// <summary>Closed by a command; the circuit adds the reason.</summary>
    public ConnectionReport AsDisconnected(bool closed) => this with
    {
        Status = ServerStatus.Disconnected,
        Closed = closed,
        Resuming = false,
        IsSlow = false,
        Reason = null,
        NextReconnect = null,
    };

    /// <summary>An error that does not change the status.</summary>
    public ConnectionReport WithError(string error, DateTimeOffset at) => this with { LastError = error, LastErrorAt = at };
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
