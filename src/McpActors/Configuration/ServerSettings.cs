namespace McpActors.Configuration;

/// <summary>One MCP server of the pool: exactly one of <see cref="Uri"/> and <see cref="Command"/> is set.</summary>
public sealed record ServerSettings
{
    /// <summary>The group of a server without a group of its own.</summary>
    public const string DefaultGroup = "default";

    /// <summary>The priority of a server without one of its own.</summary>
    public const int DefaultPriority = 999;

    /// <summary>Its unique name: 1 to 128 characters of letters, digits, <c>-</c>, <c>_</c> and <c>.</c>.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// The name that people know it by, such as <c>My Server</c> in the <c>mcp.json</c> that it is imported from, where the pool cannot use
    /// that one; null (default): <see cref="Name"/>.
    /// </summary>
    public string? DisplayName { get; init; }

    /// <summary>Where it listens: <c>http</c>, <c>https</c>, <c>ws</c>, <c>wss</c>, or <c>memory</c> for one in this process.</summary>
    public Uri? Uri { get; init; }

    /// <summary>The program to start as a child process that speaks MCP on stdin and stdout.</summary>
    public string? Command { get; init; }

    /// <summary>The program's arguments.</summary>
    public IReadOnlyList<string> Args { get; init; } = [];

    /// <summary>The program's working directory; null: this process's.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Environment variables of the program, beside the few that every program needs (PATH, HOME and such).</summary>
    public IReadOnlyDictionary<string, Secret> Environment { get; init; } = new Dictionary<string, Secret>();

    /// <summary>On: the program also gets this process's whole environment, secrets included. Default: off.</summary>
    public bool InheritEnvironment { get; init; }

    /// <summary>
    /// From the start of the <see cref="Command"/> until it writes its first message. Null (default): the pool's
    /// <see cref="PoolSettings.StartTimeout"/>.
    /// </summary>
    public TimeSpan? StartTimeout { get; init; }

    /// <summary>The bearer token sent with each request or connection; null: none.</summary>
    public Secret? Token { get; init; }

    /// <summary>Further HTTP headers sent with each request or connection.</summary>
    public IReadOnlyDictionary<string, Secret> Headers { get; init; } = new Dictionary<string, Secret>();

    /// <summary>How a server at an <c>http</c> or <c>https</c> address is spoken to. Default: found out at each connection.</summary>
    public HttpTransport Transport { get; init; }

    /// <summary>
    /// The proxy to a server with an address: a URL (<c>http</c>, <c>https</c>, <c>socks4</c>, <c>socks5</c>), or <c>none</c>. Null
    /// (default): that of the environment (<c>HTTP_PROXY</c>, <c>HTTPS_PROXY</c>, <c>ALL_PROXY</c>, <c>NO_PROXY</c>) or the system, and
    /// none for this machine. With <see cref="GuardTarget"/> there is never one.
    /// </summary>
    public Secret? Proxy { get; init; }

    /// <summary>Servers of one group are interchangeable for a caller. Default: <see cref="DefaultGroup"/>.</summary>
    public string Group { get; init; } = DefaultGroup;

    /// <summary>The lowest number is the best. 0 to 1 000 000. Default: <see cref="DefaultPriority"/>.</summary>
    public int Priority { get; init; } = DefaultPriority;

    /// <summary>Its share among its equals; 1 to 1000. Default: 1.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>Attempts running on it at a time; null: the pool's <see cref="PoolSettings.MaxInFlight"/>.</summary>
    public int? MaxInFlight { get; init; }

    /// <summary>Attempts waiting for it; null: the pool's <see cref="PoolSettings.MaxQueue"/>.</summary>
    public int? MaxQueue { get; init; }

    /// <summary>
    /// Whether its <c>readOnlyHint</c> and <c>idempotentHint</c> are trusted. Default: on; off for servers added through the network.
    /// </summary>
    public bool TrustAnnotations { get; init; } = true;

    /// <summary>
    /// On: a connection to a link-local address or to the metadata address of a cloud is refused, under any name. Default: off; on for
    /// servers added through the network, which must not make this process read data that is for its machine only.
    /// </summary>
    public bool GuardTarget { get; init; }

    /// <summary>
    /// Whether its answers depend on earlier calls, beyond the sessions of the protocol. Default: off. Decides where it runs (<see
    /// cref="Placement"/>).
    /// </summary>
    public bool Stateful { get; init; }

    /// <summary>
    /// How many connections a cluster of pools has to it. Null (default): one in the whole cluster for a <see cref="Command"/> and for a
    /// <see cref="Stateful"/> server, one on every node for the others. Without a cluster it has no effect.
    /// </summary>
    public ServerPlacement? Placement { get; init; }

    /// <summary>The problem of the server, which therefore never connects; null for none.</summary>
    internal string? Misconfigured { get; init; }

    /// <summary>The contents of files that an import has filled into arguments or the address, which are not shown.</summary>
    internal IReadOnlyList<string> FileTexts { get; init; } = [];

    /// <summary>
    /// Remarks for its status, one sentence each, which begins with a key: placeholders in its import that are not filled in.
    /// </summary>
    internal IReadOnlyList<string> Remarks { get; init; } = [];

    internal ServerPlacement EffectivePlacement => Misconfigured is not null ? ServerPlacement.EveryNode
        : Placement ?? (Command is not null || Stateful ? ServerPlacement.OneNode : ServerPlacement.EveryNode);

    /// <summary>The MCP revision to insist on, such as <c>2025-11-25</c>; null (default): negotiated.</summary>
    public string? ProtocolVersion { get; init; }

    /// <summary>
    /// The server's address for people to read: the URI without user info, query and fragment, or the command without its arguments.
    /// </summary>
    public string Endpoint =>
        Uri is { } uri ? uri.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped) : Command ?? "";
}

/// <summary>The two transports of MCP over HTTP.</summary>
public enum HttpTransport
{
    /// <summary>Streamable HTTP, or SSE if the server does not know it.</summary>
    Auto,

    /// <summary>Streamable HTTP alone.</summary>
    StreamableHttp,

    /// <summary>The older transport alone, HTTP with SSE.</summary>
    Sse,
}

/// <summary>How many connections a cluster of pools has to a server.</summary>
public enum ServerPlacement
{
    /// <summary>Each node has its own.</summary>
    EveryNode,

    /// <summary>
    /// One node has the only connection, which the others use too. It moves when that node leaves, and another node connects when that node
    /// dies.
    /// </summary>
    OneNode,
}
