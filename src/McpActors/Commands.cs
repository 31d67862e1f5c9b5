using Akka.Actor;
using McpActors.Configuration;

namespace McpActors;

/// <summary>
/// An operator's command to the pool. The pool answers it exactly once with a <see cref="CommandReply"/>. The hierarchy is closed: only
/// this library can add a kind.
/// </summary>
public abstract record PoolCommand
{
    /// <summary>
    /// The null that the nullable annotations rule out; null when there is none. The sender may be compiled without nullable checks or have
    /// deserialized the command, and a bad message must not crash the pool.
    /// </summary>
    internal abstract string? FindNull();

    /// <summary>The command with settings of its own, which its sender cannot change.</summary>
    internal virtual PoolCommand WithOwnSettings() => this;
}

/// <summary>An operator's command that concerns one server.</summary>
/// <param name="Server">The server's name.</param>
public abstract record ServerCommand(string Server) : PoolCommand;

/// <summary>Connects a server that was disconnected or drained; also ends the wait before its next reconnect.</summary>
/// <param name="Server">The server's name.</param>
public sealed record ConnectServer(string Server) : ServerCommand(Server)
{
    internal override string? FindNull() => CommandNulls.In(Server);
}

/// <summary>
/// Closes the connection at once and keeps it closed. Calls in flight on it end as <see cref="AttemptOutcome.Lost"/>; drain the server
/// first to avoid that.
/// </summary>
/// <param name="Server">The server's name.</param>
public sealed record DisconnectServer(string Server) : ServerCommand(Server)
{
    internal override string? FindNull() => CommandNulls.In(Server);
}

/// <summary>Closes the connection and opens a new one without waiting.</summary>
/// <param name="Server">The server's name.</param>
public sealed record ReconnectServer(string Server) : ServerCommand(Server)
{
    internal override string? FindNull() => CommandNulls.In(Server);
}

/// <summary>
/// Sends the server no new calls, lets those in flight end within <c>drain-timeout</c>, then disconnects it. The pool answers when draining
/// has begun.
/// </summary>
/// <param name="Server">The server's name.</param>
public sealed record DrainServer(string Server) : ServerCommand(Server)
{
    internal override string? FindNull() => CommandNulls.In(Server);
}

/// <summary>Holds the server's circuit open until <see cref="ResetCircuit"/>; the connection and its probes stay.</summary>
/// <param name="Server">The server's name.</param>
public sealed record IsolateServer(string Server) : ServerCommand(Server)
{
    internal override string? FindNull() => CommandNulls.In(Server);
}

/// <summary>
/// Closes the server's circuit, clears its failures, and ends the pause for which the server asked this pool, if there is one.
/// </summary>
/// <param name="Server">The server's name.</param>
public sealed record ResetCircuit(string Server) : ServerCommand(Server)
{
    internal override string? FindNull() => CommandNulls.In(Server);
}

/// <summary>Adds a server and connects it. Refused when the name is taken or the settings are wrong.</summary>
/// <param name="Settings">The server.</param>
public sealed record AddServer(ServerSettings Settings) : PoolCommand, INoSerializationVerificationNeeded
{
    internal override string? FindNull() => CommandNulls.In(Settings);

    internal override PoolCommand WithOwnSettings() => Settings is null ? this : this with { Settings = Settings.Own() };
}

/// <summary>
/// Replaces a server: the old connection is drained while the new one serves. Refused when it is unknown or the settings are wrong.
/// </summary>
/// <param name="Settings">The server, under its existing name.</param>
public sealed record UpdateServer(ServerSettings Settings) : PoolCommand, INoSerializationVerificationNeeded
{
    internal override string? FindNull() => CommandNulls.In(Settings);

    internal override PoolCommand WithOwnSettings() => Settings is null ? this : this with { Settings = Settings.Own() };
}

/// <summary>Drains a server and removes it from the pool.</summary>
/// <param name="Server">The server's name.</param>
public sealed record RemoveServer(string Server) : ServerCommand(Server)
{
    internal override string? FindNull() => CommandNulls.In(Server);
}

/// <summary>
/// Applies a configuration to the running pool: it adds new servers, replaces changed ones (the old connection drains while the new one
/// serves), and drains and removes servers that only the previous configuration had; servers that were added by command stay. Later calls
/// use the new routes and limits. A change of a time-out, limit or backoff of connections and circuits replaces every server. The pool
/// refuses a configuration with problems, reports all of them, and changes nothing. Subscribers receive <see cref="ConfigurationApplied"/>.
/// </summary>
/// <param name="Settings">The configuration.</param>
public sealed record ApplyConfiguration(PoolSettings Settings) : PoolCommand, INoSerializationVerificationNeeded
{
    internal override string? FindNull() => CommandNulls.In(Settings);

    internal override PoolCommand WithOwnSettings() => Settings is null ? this : this with { Settings = Settings.Own() };
}

/// <summary>
/// The pool's one reply to a <see cref="PoolCommand"/>: <see cref="CommandAccepted"/> or <see cref="CommandRefused"/>, never another kind.
/// </summary>
public abstract record CommandReply
{
    /// <exception cref="CommandRefusedException">The command was refused.</exception>
    internal abstract void ThrowIfRefused();
}

/// <summary>The command was carried out, or has begun where it takes time.</summary>
public sealed record CommandAccepted : CommandReply
{
    /// <summary>The one value of this type.</summary>
    public static CommandAccepted Instance { get; } = new();

    internal override void ThrowIfRefused()
    {
    }
}

/// <summary>The command was not carried out, and nothing changed.</summary>
/// <param name="Reason">Why, and what would be right.</param>
public sealed record CommandRefused(string Reason) : CommandReply
{
    internal override void ThrowIfRefused() => throw new CommandRefusedException(Reason);
}
