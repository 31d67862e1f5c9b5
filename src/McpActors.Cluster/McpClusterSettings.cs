using System.Globalization;
using System.Net;
using McpActors.Clustering.Nodes;
using McpActors.Configuration;
using McpActors.Configuration.Hocon;

namespace McpActors.Clustering;

/// <summary>How a node joins a cluster of pools (<c>mcp-actors.cluster</c>).</summary>
public sealed record McpClusterSettings
{
    /// <summary>The role of every node that has a pool.</summary>
    public const string Role = NodeRole.Name;

    private const int SmallestFrame = 64 * 1024;
    private const int LargestFrame = 1024 * 1024 * 1024;

    /// <summary>
    /// Name or address of this machine that the node listens on, and by which the others reach it unless <see cref="PublicHostname"/> is
    /// set. Default: <c>127.0.0.1</c>. <c>0.0.0.0</c> is every address, and needs a <see cref="PublicHostname"/>.
    /// </summary>
    public string Hostname { get; init; } = "127.0.0.1";

    /// <summary>By which name the others reach it, behind a NAT or in a container. Default: <see cref="Hostname"/>.</summary>
    public string? PublicHostname { get; init; }

    /// <summary>The port; 0: any free one; at most 65535. Default: 8110.</summary>
    public int Port { get; init; } = 8110;

    /// <summary>
    /// Nodes to join, as <c>host:port</c>, the same list on every node. The first of them begins a cluster when it finds none. Empty
    /// (default): the system joins none until the program has it join one.
    /// </summary>
    public IReadOnlyList<string> SeedNodes { get; init; } = [];

    /// <summary>
    /// How many members a new cluster needs before its first node is up and connects to servers that have one connection in the cluster; 1
    /// to 1000, the same on every node. Default: 1. With more than half of the nodes, a first seed node that is started while it is cut off
    /// does not make a second cluster that connects to them as well.
    /// </summary>
    public int MinMembers { get; init; } = 1;

    /// <summary>
    /// The largest message between processes in bytes, the same on every node and client; calls and results beyond it are refused with an
    /// error. From 64 KiB to 1 GiB. Default: 20 MiB, which holds a result of the default <c>max-result-size</c>.
    /// </summary>
    public int MaximumFrameSize { get; init; } = 20 * 1024 * 1024;

    /// <summary>
    /// How long the members have to agree on who cannot be reached before the smaller side of a partition goes down; 1 ms to 1 day.
    /// Default: 10 s, enough for 10 nodes; 20 s for 100. A server with one connection in the cluster is elsewhere about twice that time
    /// after its node died.
    /// </summary>
    public TimeSpan StableAfter { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// On: only systems that may run programs on this machine can reach the port, so a node that listens beyond this machine starts without
    /// TLS too. Default: off; such a node then needs TLS (<c>akka.remote.dot-netty.tcp.enable-ssl</c>), or it does not start.
    /// </summary>
    public bool PrivateNetwork { get; init; }

    /// <summary>
    /// On: this node starts the programs of servers that another node has added, and reads secrets for them from its variables and files.
    /// Default: off; it then takes over only such servers whose program, or secret and address, it has itself.
    /// </summary>
    public bool SharedCommands { get; init; }

    /// <summary>
    /// On: systems outside the cluster may add, change, remove and operate servers by message. Default: off; they may call the pool and ask
    /// for its state.
    /// </summary>
    public bool OutsideCommands { get; init; }

    internal IReadOnlyList<SettingsProblem> Problems()
    {
        var problems = new List<SettingsProblem>();
        if (!IsHost(Hostname))
        {
            Add("hostname", $"`{Hostname}` is neither a name nor an address of this machine");
        }
        else if (IsEveryAddress(Hostname) && PublicHostname is null)
        {
            Add("public-hostname", $"is required when hostname is \"{Hostname}\", which is every address of this machine;"
                + " write the name or address by which the other nodes reach this one");
        }
        if (PublicHostname is { } name && (!IsHost(name) || IsEveryAddress(name)))
            Add("public-hostname", $"`{name}` is not a name or address that other nodes can reach");
        if (Port is < 0 or > IPEndPoint.MaxPort)
            Add("port", $"{Port} is not a port; expected a whole number from 0 (any free one) to {IPEndPoint.MaxPort}");
        if (MinMembers is < 1 or > 1000)
            Add("min-members", $"{MinMembers} is not valid; expected a whole number from 1 to 1000, at most the number of nodes");
        if (MaximumFrameSize < SmallestFrame)
            Add("maximum-frame-size", "is too small for the nodes' own messages; must be at least 64 KiB");
        if (MaximumFrameSize > LargestFrame)
            Add("maximum-frame-size", "is too large for one message; must be at most 1 GiB");
        new Checks(KeyPath.Cluster, problems).Duration("stable-after", StableAfter, TimeSpan.FromDays(1));
        foreach (var (seed, index) in SeedNodes.Select((seed, index) => (seed, index)))
        {
            if (!TryParse(seed, out _, out _))
            {
                Add(KeyPath.Item("seed-nodes", index), $"`{seed}` is not valid;"
                    + " write it as host:port, such as 10.0.0.1:8110, without a scheme or a system's name");
            }
        }
        return problems;

        void Add(string key, string message) => problems.Add(new SettingsProblem($"{KeyPath.Cluster}.{key}", message));
    }

    internal static bool TryParse(string seed, out string host, out int port)
    {
        var colon = seed.LastIndexOf(':');
        host = colon > 0 ? seed[..colon] : "";
        port = 0;
        return IsHost(host)
            && int.TryParse(seed.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port)
            && port is > 0 and <= IPEndPoint.MaxPort;
    }

    private static bool IsHost(string text) => Uri.CheckHostName(text) != UriHostNameType.Unknown;

    private static bool IsEveryAddress(string host) =>
        IPAddress.TryParse(host, out var address) && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any));
}
