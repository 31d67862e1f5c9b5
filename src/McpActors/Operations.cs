using Akka.Actor;

namespace McpActors;

/// <summary>An operator's command to the pool, answered with <see cref="Done"/> or <see cref="Refused"/>.</summary>
public interface IPoolCommand;

/// <summary>An operator's command that concerns one server.</summary>
public interface IServerCommand : IPoolCommand
{
    /// <summary>The server's name.</summary>
    string Server { get; }
}

/// <summary>Connects a server that was disconnected or drained; also ends the wait before its next reconnect.</summary>
/// <param name="Server">The server's name.</param>
public sealed record ConnectServer(string Server) : IServerCommand;

/// <summary>Closes the connection at once and keeps it closed. Calls in flight on it end as <see cref="AttemptOutcome.Lost"/>; drain first to spare them.</summary>
/// <param name="Server">The server's name.</param>
public sealed record DisconnectServer(string Server) : IServerCommand;

/// <summary>Closes the connection and opens a new one without waiting.</summary>
/// <param name="Server">The server's name.</param>
public sealed record ReconnectServer(string Server) : IServerCommand;

/// <summary>Sends the server no new calls, lets those in flight end within <c>drain-timeout</c>, then disconnects it. Answered when draining has begun.</summary>
/// <param name="Server">The server's name.</param>
public sealed record DrainServer(string Server) : IServerCommand;

/// <summary>Holds the server's circuit open until <see cref="ResetCircuit"/>; the connection and its probes stay.</summary>
/// <param name="Server">The server's name.</param>
public sealed record IsolateServer(string Server) : IServerCommand;

/// <summary>Closes the server's circuit and forgets its failures.</summary>
/// <param name="Server">The server's name.</param>
public sealed record ResetCircuit(string Server) : IServerCommand;

/// <summary>Adds a server and connects it. Refused when the name is taken or the settings are wrong.</summary>
/// <param name="Settings">The server.</param>
public sealed record AddServer(Configuration.ServerSettings Settings) : IPoolCommand, INoSerializationVerificationNeeded;

/// <summary>Replaces a server: the old connection is drained while the new one serves. Refused when it is unknown or the settings are wrong.</summary>
/// <param name="Settings">The server, under its existing name.</param>
public sealed record UpdateServer(Configuration.ServerSettings Settings) : IPoolCommand, INoSerializationVerificationNeeded;

/// <summary>Drains a server and takes it out of the pool.</summary>
/// <param name="Server">The server's name.</param>
public sealed record RemoveServer(string Server) : IServerCommand;

/// <summary>
/// Makes the running pool what this configuration says: servers that are new in it are added, those that changed are replaced (drained while the
/// new connection serves), those that the configuration before had and this one has not are drained and removed; servers added by command stay.
/// Calls from then on go by the new routes and limits. A change of what connections and circuits are built on (their time-outs, limits and
/// backoff) replaces every server. Refused, with every problem, when something is wrong with it; then nothing changes. Subscribers are told
/// <see cref="ConfigurationApplied"/>.
/// </summary>
/// <param name="Settings">The configuration.</param>
public sealed record ApplyConfiguration(Configuration.PoolSettings Settings) : IPoolCommand, INoSerializationVerificationNeeded;

/// <summary>The command was carried out, or has begun where it takes time.</summary>
public sealed record Done
{
    /// <summary>The one value of this type.</summary>
    public static Done Instance { get; } = new();
}

/// <summary>The command was not carried out.</summary>
/// <param name="Reason">Why, and what would be right.</param>
public sealed record Refused(string Reason);
