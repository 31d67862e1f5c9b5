using Akka.Configuration;
using McpActors.Configuration;
using McpActors.Configuration.Hocon;

namespace McpActors.Clustering;

/// <summary>
/// Reads <see cref="McpClusterSettings"/> from the block <c>mcp-actors.cluster</c> of HOCON. All problems are reported together, each with
/// the path of its key.
/// </summary>
public static class ClusterConfiguration
{
    private const string Block = "cluster";

    // The environment wins over the file, so that nodes can share one file.
    private static readonly (string Key, string Variable)[] Variables =
    [
        ("hostname", "MCP_ACTORS_CLUSTER_HOSTNAME"),
        ("public-hostname", "MCP_ACTORS_CLUSTER_PUBLIC_HOSTNAME"),
        ("port", "MCP_ACTORS_CLUSTER_PORT"),
        (SeedNodes, "MCP_ACTORS_CLUSTER_SEED_NODES"),
        ("private-network", "MCP_ACTORS_CLUSTER_PRIVATE_NETWORK"),
    ];

    private const string SeedNodes = "seed-nodes";

    /// <summary>Reads the block of a configuration.</summary>
    /// <param name="config">The configuration; <see cref="PoolConfiguration.Reference"/> need not be part of it.</param>
    /// <returns>The settings; null when there is no such block.</returns>
    /// <exception cref="InvalidSettingsException">The block has problems; all are reported together.</exception>
    public static McpClusterSettings? Read(Config config)
    {
        var findings = new Findings();
        var top = AkkaTree.Read(config, [KeyPath.Top], findings.Problems);
        return Read(HoconFile.Block(top, findings), _ => null, findings);
    }

    /// <summary>
    /// Reads the block of a HOCON file, as the worker does: the variables <c>MCP_ACTORS_CLUSTER_HOSTNAME</c>, <c>_PUBLIC_HOSTNAME</c>,
    /// <c>_PORT</c>, <c>_SEED_NODES</c> (separated by commas) and <c>_PRIVATE_NETWORK</c> win over the file.
    /// </summary>
    /// <param name="path">The file; null: there is none, only the environment.</param>
    /// <returns>The settings; null when there is neither a block nor the variable for the seed nodes.</returns>
    /// <exception cref="InvalidSettingsException">
    /// The file cannot be read, or the block has problems; all are reported together.
    /// </exception>
    public static McpClusterSettings? ReadFile(string? path) => ReadFile(path, Environment.GetEnvironmentVariable);

    internal static McpClusterSettings? ReadFile(string? path, Func<string, string?> environment)
    {
        var findings = new Findings();
        if (path is null)
            return Read(new ObjectNode(null), environment, findings);
        var root = HoconFile.Read(path, findings.Problems) ?? throw new InvalidSettingsException(findings.Problems);
        return Read(HoconFile.Top(root, findings), environment, findings);
    }

    /// <summary>Reads the block of a node; problems go to the section's findings.</summary>
    /// <param name="top">The block <c>mcp-actors</c>.</param>
    /// <param name="environment">The environment, whose variables win over the file; null for none.</param>
    /// <returns>The settings; null when the process is not a node.</returns>
    internal static McpClusterSettings? Read(Section top, Func<string, string?> environment)
    {
        var given = FromEnvironment(environment);
        var block = top.Block(Block) ?? (given.Items.ContainsKey(SeedNodes) ? top.Child(Block) : null);
        if (block is null)
            return null;
        var settings = ReadKeys(block.Under(given));
        top.ReportMisplaced(Block);
        top.Findings.AddConsequences(settings.Problems());
        return settings;
    }

    /// <summary>Reads the keys. <see cref="McpClusterSettings"/> checks the values.</summary>
    internal static McpClusterSettings ReadKeys(Section cluster)
    {
        var none = new McpClusterSettings();
        var settings = new McpClusterSettings
        {
            Hostname = cluster.Text("hostname") ?? none.Hostname,
            PublicHostname = cluster.Text("public-hostname") is { Length: > 0 } name ? name : null,
            Port = cluster.Int("port", none.Port),
            SeedNodes = [.. cluster.Texts(SeedNodes).Select(seed => seed.Trim())],
            MinMembers = cluster.Int("min-members", none.MinMembers),
            MaximumFrameSize = (int)Math.Clamp(cluster.Size("maximum-frame-size", none.MaximumFrameSize), int.MinValue, int.MaxValue),
            StableAfter = cluster.Duration("stable-after", none.StableAfter),
            PrivateNetwork = cluster.Flag("private-network", none.PrivateNetwork),
            SharedCommands = cluster.Flag("shared-commands", none.SharedCommands),
            OutsideCommands = cluster.Flag("outside-commands", none.OutsideCommands),
        };
        cluster.End();
        return settings;
    }

    private static McpClusterSettings? Read(ObjectNode top, Func<string, string?> environment, Findings findings)
    {
        var settings = Read(new Section(top, KeyPath.Top, findings), environment);
        return findings.Problems.Count == 0 ? settings : throw new InvalidSettingsException(findings.Problems);
    }

    private static ObjectNode FromEnvironment(Func<string, string?> environment)
    {
        var given = new ObjectNode(null);
        foreach (var (key, variable) in Variables)
        {
            if (environment(variable) is not { Length: > 0 } text)
                continue;
            var place = new Place($"environment variable {variable}");
            given.Items[key] = key == SeedNodes ? Seeds(text, place) : new TextNode(text, place);
        }
        return given;
    }

    private static ArrayNode Seeds(string text, Place place) =>
        new([.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(seed => new TextNode(seed, place))], place);
}
