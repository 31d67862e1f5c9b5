using System.Text.Json.Serialization;
using McpActors.Configuration;

namespace McpActors;

/// <summary>Asks for a <see cref="PoolStatus"/>.</summary>
public sealed record GetPoolStatus
{
    /// <summary>The one value of this type.</summary>
    public static GetPoolStatus Instance { get; } = new();
}

/// <summary>The state of a server's connection.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ServerStatus>))]
public enum ServerStatus
{
    /// <summary>Closed by an operator, or not yet opened.</summary>
    Disconnected,

    /// <summary>The pool opens a connection.</summary>
    Connecting,

    /// <summary>The server answered the handshake and its probes succeed.</summary>
    Connected,

    /// <summary>
    /// The connection failed; the next attempt is at <see cref="ServerInfo.NextReconnect"/>. A server whose settings are wrong has no next
    /// attempt.
    /// </summary>
    Error,
}

/// <summary>Whether calls may go to a server.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CircuitState>))]
public enum CircuitState
{
    /// <summary>Calls pass.</summary>
    Closed,

    /// <summary>Too many failures: the server gets no calls until a trial call is due.</summary>
    Open,

    /// <summary>One trial call at a time decides whether the circuit closes or opens again.</summary>
    HalfOpen,

    /// <summary>Held open by an operator until <see cref="ResetCircuit"/>.</summary>
    Isolated,
}

/// <summary>The pool at one moment.</summary>
/// <param name="Servers">Every server in configured order.</param>
/// <param name="At">The time of this status.</param>
public sealed record PoolStatus(IReadOnlyList<ServerInfo> Servers, DateTimeOffset At)
{
    /// <summary>The routing in force; in a cluster other nodes may have changed it. Null from a pool that does not report it.</summary>
    public PoolRouting? Routing { get; init; }
}

/// <summary>The settings that decide where calls go. They are the same on all nodes of a cluster.</summary>
/// <param name="Routes">The routes in the order in which they are tried.</param>
/// <param name="Groups">Settings of groups, by name.</param>
/// <param name="LoadBalancing">The strategy of groups that name none.</param>
/// <param name="DefaultRoute">The group of calls that match no route.</param>
public sealed record PoolRouting(
    IReadOnlyList<RouteSettings> Routes, IReadOnlyDictionary<string, GroupSettings> Groups, string LoadBalancing, string DefaultRoute)
{
    /// <summary>The keys of these settings.</summary>
    internal static IReadOnlyList<string> Keys { get; } = ["routes", "groups", "load-balancing", "default-route"];

    internal static PoolRouting Of(PoolSettings pool) => new(pool.Routes, pool.Groups, pool.LoadBalancing, pool.DefaultRoute);

    internal PoolSettings ApplyTo(PoolSettings pool) =>
        pool with { Routes = Routes, Groups = Groups, LoadBalancing = LoadBalancing, DefaultRoute = DefaultRoute };
}

/// <summary>One server at one moment.</summary>
public sealed record ServerInfo
{
    /// <summary>Its unique name.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// The name that people know it by, from the <c>mcp.json</c> that it is imported from; null: <see cref="Name"/>.
    /// </summary>
    public string? DisplayName { get; init; }

    /// <summary>Where it is, without secrets: a URI without user info and query, or the command.</summary>
    public required string Endpoint { get; init; }

    /// <summary>Its group.</summary>
    public required string Group { get; init; }

    /// <summary>Its priority; the lowest number is the best.</summary>
    public int Priority { get; init; }

    /// <summary>Its share of the calls in proportion to the weights of the other servers.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>The state of its connection.</summary>
    public ServerStatus Status { get; init; }

    /// <summary>The state of its circuit.</summary>
    public CircuitState Circuit { get; init; }

    /// <summary>
    /// It asked its clients to pause (HTTP 429, or 503 with <c>Retry-After</c>) and gets no calls until then; null: no pause.
    /// </summary>
    public DateTimeOffset? PausedUntil { get; init; }

    /// <summary>True while it takes no new calls because it is being drained; false again once it is closed.</summary>
    public bool Draining { get; init; }

    /// <summary>
    /// The node, as <c>host:port</c>, that has the cluster's one connection to it. Null while no node has it, for a server to which every
    /// node has its own connection, and without a cluster.
    /// </summary>
    public string? Node { get; init; }

    /// <summary>Attempts in flight.</summary>
    public int InFlight { get; init; }

    /// <summary>Attempts that have ended since the server joined the pool.</summary>
    public long Calls { get; init; }

    /// <summary>Those of <see cref="Calls"/> that count against the server's circuit.</summary>
    public long Failures { get; init; }

    /// <summary>Moving average of the duration of answered attempts; null before the first.</summary>
    public TimeSpan? Latency { get; init; }

    /// <summary>
    /// The median duration of the attempts that were answered in the last one to two minutes, with an error of at most 7 %; null when there
    /// were none.
    /// </summary>
    public TimeSpan? LatencyP50 { get; init; }

    /// <summary>The 99th percentile, as <see cref="LatencyP50"/>.</summary>
    public TimeSpan? LatencyP99 { get; init; }

    /// <summary>The negotiated MCP revision, such as <c>2025-11-25</c>; null before the first connection.</summary>
    public string? ProtocolVersion { get; init; }

    /// <summary>The name the server gives itself.</summary>
    public string? ServerName { get; init; }

    /// <summary>The version the server gives itself.</summary>
    public string? ServerVersion { get; init; }

    /// <summary>The last error of its connection or circuit; null when there was none.</summary>
    public string? LastError { get; init; }

    /// <summary>When <see cref="LastError"/> happened.</summary>
    public DateTimeOffset? LastErrorAt { get; init; }

    /// <summary>When the next connection attempt is due, while <see cref="Status"/> is <see cref="ServerStatus.Error"/>.</summary>
    public DateTimeOffset? NextReconnect { get; init; }

    /// <summary>How often it was reconnected since it joined the pool.</summary>
    public int Restarts { get; init; }

    /// <summary>The number of tools in its catalogue; null before the pool has read it.</summary>
    public int? Tools { get; init; }

    /// <summary>
    /// Remarks about a server that are no errors, one sentence each: it is slow, a list of it could not be read, what its program writes to
    /// stderr while it starts, or a placeholder in its imported settings that is not filled in.
    /// </summary>
    public IReadOnlyList<string> Remarks { get; init; } = [];

    /// <summary>A reading of its lists has ended, whatever it brought.</summary>
    internal bool IsListed { get; init; }
}
