using System.Text.Json.Serialization;

namespace McpActors.Configuration;

/// <summary>
/// All settings of a pool. Immutable. The defaults are those of <c>reference.conf</c>.
/// The pool checks them with <see cref="SettingsValidator"/> before it starts anything.
/// </summary>
public sealed record PoolSettings
{
    /// <summary>
    /// False when there are names of servers and groups that could not be read, so that a route to an unknown one may be right.
    /// </summary>
    internal bool ServersComplete { get; init; } = true;

    /// <summary>The names and groups of servers that are switched off: a route may lead there, for the time when they are not.</summary>
    internal (IReadOnlyCollection<string> Names, IReadOnlyCollection<string> Groups) SwitchedOff { get; init; } = ([], []);

    /// <summary>
    /// Whether a server that lacks a secret is kept and connected once the secret is there. False (default): it is a problem of the
    /// settings.
    /// </summary>
    internal bool LeavesOutServers { get; init; }

    /// <summary>The servers, in the order in which <c>round-robin</c> takes them.</summary>
    public IReadOnlyList<ServerSettings> Servers { get; init; } = [];

    /// <summary>The routes; the first that matches wins.</summary>
    public IReadOnlyList<RouteSettings> Routes { get; init; } = [];

    /// <summary>Settings of single groups, by name.</summary>
    public IReadOnlyDictionary<string, GroupSettings> Groups { get; init; } = new Dictionary<string, GroupSettings>();

    /// <summary>The strategy of a group without one of its own. Default: <c>round-robin</c>.</summary>
    public string LoadBalancing { get; init; } = "round-robin";

    /// <summary>The group that serves what no route matches. Default: <see cref="ServerSettings.DefaultGroup"/>.</summary>
    public string DefaultRoute { get; init; } = ServerSettings.DefaultGroup;

    /// <summary>When and how a failed attempt goes on to another server.</summary>
    public FailoverSettings Failover { get; init; } = new();

    /// <summary>How many extra attempts the whole pool may make.</summary>
    public RetryBudgetSettings RetryBudget { get; init; } = new();

    /// <summary>When a server's circuit opens, and for how long.</summary>
    public CircuitSettings Circuit { get; init; } = new();

    /// <summary>How the pool reconnects to a server.</summary>
    public ReconnectSettings Reconnect { get; init; } = new();

    /// <summary>How the pool checks that a server is alive.</summary>
    public ProbeSettings Probe { get; init; } = new();

    /// <summary>The time for the whole call, every attempt and wait included. Default: 30 s.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The time for one attempt of a safe call while another server is left to try; null (default): half of the time left.
    /// </summary>
    public TimeSpan? AttemptTimeout { get; init; }

    /// <summary>From opening a connection until the handshake is done. Default: 20 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// From the start of a <see cref="ServerSettings.Command"/> until its program writes its first message, at least
    /// <see cref="ConnectTimeout"/>, which counts from then on. The first start of a package or a container may download it.
    /// Default: 5 min.
    /// </summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How long a server may take to answer the <c>server/discover</c> of the 2026-07-28 handshake before an older one is tried. Default: 5
    /// s.
    /// </summary>
    public TimeSpan DiscoverTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How many servers connect at the same time, at most; 1 to 10 000. Default: 16.</summary>
    public int ConnectConcurrency { get; init; } = 16;

    /// <summary>
    /// How long the closing of one connection may take before it is abandoned and its process killed; at most a day. Default: 5 s.
    /// </summary>
    public TimeSpan CloseTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long calls in flight may take to end when a server is drained or the pool stops; at most a day. Default: 10 s.
    /// </summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How often each server's tools, resources and prompts are read again, besides on <c>list_changed</c>. Default: 5 min.
    /// </summary>
    public TimeSpan CatalogueRefresh { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Attempts that run on one server at a time, unless the server has its own limit; 1 to 1 000 000. Default: 64.</summary>
    public int MaxInFlight { get; init; } = 64;

    /// <summary>Attempts that wait for one server, unless the server has its own limit; 0 to 1 000 000. Default: 64.</summary>
    public int MaxQueue { get; init; } = 64;

    /// <summary>Largest parameters of a call, in bytes of JSON. Default: 4 MiB.</summary>
    public long MaxRequestSize { get; init; } = 4 * 1024 * 1024;

    /// <summary>Largest result of a call, in bytes of JSON. Default: 16 MiB.</summary>
    public long MaxResultSize { get; init; } = 16 * 1024 * 1024;

    /// <summary>
    /// Largest catalogue of one server, in bytes of JSON: its tools, resources and prompts together, each counted 256 bytes more than its
    /// text. A list beyond it is not read, and the last one is kept. Default: 16 MiB.
    /// </summary>
    public long MaxCatalogueSize { get; init; } = 16 * 1024 * 1024;

    /// <summary>
    /// Globs (or <c>regex:…</c>) over the names of tools that are safe to repeat, whatever their annotations say. Default: none.
    /// </summary>
    public IReadOnlyList<string> IdempotentTools { get; init; } = [];

    /// <summary>How long a server that has just connected gets a growing share; zero (default): its full share at once.</summary>
    public TimeSpan SlowStart { get; init; }

    /// <summary>No more than this share of a group may have its circuit open at once; null (default): no such guard. 0 to 1.</summary>
    public double? MaxOpenShare { get; init; }

    /// <summary>
    /// Below this share of available servers in a group those with an open circuit are used too; null (default): no such guard. 0 to 1.
    /// </summary>
    public double? PanicThreshold { get; init; }
}

/// <summary>When and how a failed attempt goes on to another server (<c>failover { … }</c>).</summary>
public sealed record FailoverSettings
{
    /// <summary>Off: a call is one attempt. Default: on.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Attempts of one call, the first included; 1 to 100. Default: 3.</summary>
    public int MaxAttempts { get; init; } = 3;

    /// <summary>Which calls go on to another server after a JSON-RPC error. Default: those that are safe to repeat.</summary>
    public ServerErrorFailover OnServerError { get; init; } = ServerErrorFailover.Safe;

    /// <summary>Whether a result with <c>isError: true</c> goes on to another server. Default: off, it is an answer.</summary>
    public bool OnToolError { get; init; }

    /// <summary>Lower end of the full jitter before the third and later attempts; the second goes without delay. Default: 25 ms.</summary>
    public TimeSpan MinDelay { get; init; } = TimeSpan.FromMilliseconds(25);

    /// <summary>Upper end of that jitter. Default: 250 ms.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromMilliseconds(250);
}

/// <summary>
/// Which calls go on to another server after a JSON-RPC error. It is an answer, and no proof that nothing happened: a tool may fail after
/// it has acted.
/// </summary>
[JsonConverter(typeof(JsonStringEnumConverter<ServerErrorFailover>))]
public enum ServerErrorFailover
{
    /// <summary>None: the error is the reply.</summary>
    Off,

    /// <summary>Calls that are safe to repeat, and calls with <see cref="CallMode.Failover"/>, whose caller asks for it.</summary>
    Safe,

    /// <summary>Every call, also one that may have acted before it failed.</summary>
    Always,
}

/// <summary>How many extra attempts the whole pool may make (<c>retry-budget { … }</c>).</summary>
public sealed record RetryBudgetSettings
{
    /// <summary>Extra attempts as a share of calls; 0 to 1. Default: 0.2.</summary>
    public double Ratio { get; init; } = 0.2;

    /// <summary>Extra attempts a second that are always allowed. Default: 10.</summary>
    public int MinPerSecond { get; init; } = 10;
}

/// <summary>When a server's circuit opens, and for how long (<c>circuit { … }</c>).</summary>
public sealed record CircuitSettings
{
    /// <summary>Failures in a row that open it. Default: 5.</summary>
    public int ConsecutiveFailures { get; init; } = 5;

    /// <summary>Share of failing calls within <see cref="Window"/> that opens it; above 0, at most 1. Default: 0.5.</summary>
    public double FailureRatio { get; init; } = 0.5;

    /// <summary>Calls within <see cref="Window"/> before the ratio counts; 1 to 1 000 000. Default: 10.</summary>
    public int MinimumCalls { get; init; } = 10;

    /// <summary>The window of the ratio. Default: 30 s.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long it stays open the first time; doubled each time it opens again. Default: 5 s.</summary>
    public TimeSpan OpenFor { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest it stays open, jitter included. Default: 60 s.</summary>
    public TimeSpan MaxOpenFor { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Jitter of the open time, as a share of it, inside the cap; 0 to 1. Default: 0.2.</summary>
    public double Jitter { get; init; } = 0.2;
}

/// <summary>
/// How the pool reconnects to a server (<c>reconnect { … }</c>): waits of first × factor^n ± jitter, inside the cap, without end.
/// </summary>
public sealed record ReconnectSettings
{
    /// <summary>Wait before the first try. Default: 1 s.</summary>
    public TimeSpan MinBackoff { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait, jitter included. Default: 60 s.</summary>
    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Growth from one wait to the next; 1 or more. Default: 1.6.</summary>
    public double Factor { get; init; } = 1.6;

    /// <summary>Jitter as a share of the wait; 0 to 1. Default: 0.2.</summary>
    public double Jitter { get; init; } = 0.2;

    /// <summary>
    /// How long a connection must have held before the next loss starts from <see cref="MinBackoff"/> again. Default: 30 s.
    /// </summary>
    public TimeSpan ResetAfter { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>How the pool checks that a server is alive (<c>ping-interval</c> and the keys beside it).</summary>
public sealed record ProbeSettings
{
    /// <summary>Time between two probes of a server, each on its own schedule. Default: 30 s.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Jitter of the interval, as a share of it; 0 to 1. Default: 0.2.</summary>
    public double Jitter { get; init; } = 0.2;

    /// <summary>How long a probe may take. Default: 5 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Failed probes in a row after which the connection counts as lost; 1 to 1000. Default: 2.</summary>
    public int UnhealthyThreshold { get; init; } = 2;
}

/// <summary>Settings of one group (<c>groups { name { … } }</c>).</summary>
public sealed record GroupSettings
{
    /// <summary>The group's strategy; null: the pool's.</summary>
    public string? LoadBalancing { get; init; }
}

/// <summary>
/// A pattern over the method or tool name, and the group or server for the calls that it matches (an entry of <c>routes</c>).
/// </summary>
public sealed record RouteSettings
{
    /// <summary>A glob (<c>userService.*</c>) or <c>regex:…</c>, matched against the tool name, else the method.</summary>
    public required string Match { get; init; }

    /// <summary>The group that serves it. Exactly one of <see cref="Group"/> and <see cref="Server"/> is set.</summary>
    public string? Group { get; init; }

    /// <summary>The one server that serves it.</summary>
    public string? Server { get; init; }

    /// <summary>The strategy for the calls of this route; null: the group's.</summary>
    public string? LoadBalancing { get; init; }

    /// <summary>The time for the whole call, unless its caller sets another; null: <see cref="PoolSettings.CallTimeout"/>.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Failover of the calls of this route; null: <see cref="PoolSettings.Failover"/>.</summary>
    public FailoverSettings? Failover { get; init; }

    /// <summary>Hedging of the safe calls of this route; null: none.</summary>
    public Hedging? Hedge { get; init; }
}
