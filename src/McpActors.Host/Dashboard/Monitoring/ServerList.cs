namespace McpActors.Host.Dashboard.Monitoring;

/// <summary>The order of a list of servers.</summary>
public enum ServerOrder
{
    /// <summary>As configured.</summary>
    Configured,

    /// <summary>By name.</summary>
    Name,

    /// <summary>Servers with problems first.</summary>
    Status,

    /// <summary>Best priority first.</summary>
    Priority,

    /// <summary>Most calls in flight first.</summary>
    InFlight,

    /// <summary>Most calls per second first.</summary>
    Calls,

    /// <summary>Most errors first.</summary>
    Errors,

    /// <summary>Slowest first.</summary>
    Latency,
}

/// <summary>One line of the list: a group's heading, or a server.</summary>
/// <param name="Key">Unique in the list.</param>
/// <param name="Group">The group.</param>
/// <param name="Server">The server; null for the group's heading.</param>
/// <param name="Connected">How many of the group are connected.</param>
/// <param name="Size">How many servers the group has.</param>
public sealed record ServerLine(string Key, string Group, ServerView? Server, int Connected, int Size);

/// <summary>The filter and order of the list of servers. Immutable.</summary>
public sealed record ServerList
{
    /// <summary>A part of the name, endpoint, group, protocol version, last error or node of a server.</summary>
    public string Search { get; init; } = "";

    /// <summary>Only servers of this status; null for all.</summary>
    public ServerStatus? Status { get; init; }

    /// <summary>The order within each group.</summary>
    public ServerOrder Order { get; init; }

    /// <summary>Whether the order is reversed.</summary>
    public bool Reverse { get; init; }

    /// <summary>The list after a click on the heading of a column: ordered by it, and reversed after the second click.</summary>
    public ServerList OrderedBy(ServerOrder order) => this with { Order = order, Reverse = order == Order && !Reverse };

    /// <summary>The lines. Groups are in configured order, and have a heading when there is more than one.</summary>
    public IReadOnlyList<ServerLine> Lines(IReadOnlyList<ServerView> servers)
    {
        var groups = servers.GroupBy(server => server.Info.Group, StringComparer.Ordinal).ToList();
        var lines = new List<ServerLine>(servers.Count + groups.Count);
        foreach (var group in groups)
        {
            var shown = group.Where(IsShown).ToList();
            if (shown.Count == 0)
                continue;
            var connected = group.Count(server => server.Info.Status == ServerStatus.Connected);
            if (groups.Count > 1)
                lines.Add(new ServerLine($"group {group.Key}", group.Key, null, connected, group.Count()));
            lines.AddRange(Sort(shown)
                .Select(server => new ServerLine($"server {server.Name}", group.Key, server, connected, group.Count())));
        }

        return lines;
    }

    private bool IsShown(ServerView server) =>
        (Status is null || server.Info.Status == Status)
        && (Search.Length == 0 || Texts(server.Info).Any(IsFound));

    private bool IsFound(string? text) => text?.Contains(Search.Trim(), StringComparison.OrdinalIgnoreCase) == true;

    private static string?[] Texts(ServerInfo info) =>
        [info.Name, info.DisplayName, info.Endpoint, info.Group, info.ProtocolVersion, info.LastError, info.Node];

    private IEnumerable<ServerView> Sort(List<ServerView> servers)
    {
        // Each order is stable: equal servers stay in configured order.
        IEnumerable<ServerView> sorted = Order switch
        {
            ServerOrder.Name => servers.OrderBy(s => s.Name, StringComparer.OrdinalIgnoreCase),
            ServerOrder.Status => servers.OrderByDescending(s => Attention(s.Info)),
            ServerOrder.Priority => servers.OrderBy(s => s.Info.Priority),
            ServerOrder.InFlight => servers.OrderByDescending(s => s.Info.InFlight),
            ServerOrder.Calls => servers.OrderByDescending(s => s.CallsPerSecond),
            ServerOrder.Errors => servers.OrderByDescending(s => s.ErrorRate ?? -1),
            ServerOrder.Latency => servers.OrderByDescending(s => s.P99 ?? s.P50 ?? TimeSpan.MinValue),
            _ => servers,
        };
        return Reverse ? sorted.Reverse() : sorted;
    }

    private static int Attention(ServerInfo info) => info.Status switch
    {
        ServerStatus.Error => 4,
        ServerStatus.Connecting => 3,
        ServerStatus.Connected when info.Draining || info.Circuit != CircuitState.Closed => 2,
        ServerStatus.Disconnected => 1,
        _ => 0,
    };
}
