using System.Globalization;
using System.Net;
using McpActors.Configuration;

namespace McpActors.Clustering;

/// <summary>How a node joins a cluster of pools (<c>mcp-actors.cluster</c>).</summary>
public sealed record ClusterSettings
{
    /// <summary>The role of every node that has a pool.</summary>
    public const string Role = "mcp-pool";

    /// <summary>Name or address the node listens on, and by which the others reach it unless <see cref="PublicHostname"/> is set. Default: <c>127.0.0.1</c>.</summary>
    public string Hostname { get; init; } = "127.0.0.1";

    /// <summary>By which name the others reach it, behind a NAT or in a container. Default: <see cref="Hostname"/>.</summary>
    public string? PublicHostname { get; init; }

    /// <summary>The port; 0: any free one; at most 65535. Default: 8110.</summary>
    public int Port { get; init; } = 8110;

    /// <summary>
    /// Nodes to join, as <c>host:port</c>, the same list on every node. The first of them begins a cluster when it finds none. Empty (default): the system joins none
    /// until the program has it join one.
    /// </summary>
    public IReadOnlyList<string> SeedNodes { get; init; } = [];

    /// <summary>
    /// The largest message between processes in bytes, the same on every node and client; calls and results beyond it are refused with an error. At least 64 KiB.
    /// Default: 20 MiB, which holds a result of the default <c>max-result-size</c>.
    /// </summary>
    public int MaximumFrameSize { get; init; } = 20 * 1024 * 1024;

    /// <summary>
    /// How long the members have to agree on who cannot be reached before the smaller side of a partition goes down; above zero. Default: 20 s, Akka's own, for
    /// clusters of up to 100 nodes.
    /// </summary>
    public TimeSpan StableAfter { get; init; } = TimeSpan.FromSeconds(20);

    internal IReadOnlyList<SettingsProblem> Problems()
    {
        var problems = new List<SettingsProblem>();
        if (Port is < 0 or > IPEndPoint.MaxPort)
            Add("port", $"{Port} is no port; must be a whole number from 0 (any free one) to {IPEndPoint.MaxPort}");
        if (MaximumFrameSize < 64 * 1024)
            Add("maximum-frame-size", $"{MaximumFrameSize} is too small for the nodes' own messages; must be at least 64 KiB");
        if (StableAfter <= TimeSpan.Zero)
            Add("stable-after", "must be above zero");
        foreach (var seed in SeedNodes.Where(seed => !TryParse(seed, out _, out _)))
            Add("seed-nodes", $"`{seed}` cannot be used; write it as host:port");
        return problems;

        void Add(string key, string message) => problems.Add(new SettingsProblem($"mcp-actors.cluster.{key}", message));
    }

    internal static bool TryParse(string seed, out string host, out int port)
    {
        var colon = seed.LastIndexOf(':');
        host = colon > 0 ? seed[..colon] : "";
        port = 0;
        return host.Length > 0
            && int.TryParse(seed.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port)
            && port is > 0 and <= IPEndPoint.MaxPort;
    }
}
