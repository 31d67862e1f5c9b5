using Akka.Configuration;
using McpActors.Configuration;
using McpActors.Configuration.Hocon;

namespace McpActors.Clustering;

/// <summary>
/// Reads <see cref="ClusterSettings"/> from the block <c>mcp-actors.cluster</c> of HOCON. Every problem is reported together, with the path of its key.
/// </summary>
public static class ClusterConfiguration
{
    private const string Block = "cluster";

    // What stands in the environment goes before what stands in the file, so that nodes of one file differ in little.
    private static readonly (string Key, string Variable)[] Variables =
    [
        ("hostname", "MCP_ACTORS_CLUSTER_HOSTNAME"),
        ("public-hostname", "MCP_ACTORS_CLUSTER_PUBLIC_HOSTNAME"),
        ("port", "MCP_ACTORS_CLUSTER_PORT"),
        (SeedNodes, "MCP_ACTORS_CLUSTER_SEED_NODES"),
    ];

    private const string SeedNodes = "seed-nodes";

    /// <summary>Reads the block of a configuration.</summary>
    /// <param name="config">The configuration; <see cref="PoolConfiguration.Reference"/> need not be part of it.</param>
    /// <returns>The settings; null when there is no such block.</returns>
    /// <exception cref="InvalidSettingsException">Something is wrong with it.</exception>
    public static ClusterSettings? Read(Config config)
    {
        var findings = new Findings();
        return Read(AkkaTree.Read(config, ["mcp-actors"], findings.Problems), _ => null, findings);
    }

    /// <summary>
    /// Reads the block of a HOCON file, as the worker does: the variables <c>MCP_ACTORS_CLUSTER_HOSTNAME</c>, <c>_PUBLIC_HOSTNAME</c>, <c>_PORT</c> and
    /// <c>_SEED_NODES</c> (separated by commas) go before what it says.
    /// </summary>
    /// <param name="path">The file; null: there is none, only the environment.</param>
    /// <returns>The settings; null when there is neither a block nor the variable for the seed nodes.</returns>
    /// <exception cref="InvalidSettingsException">Something is wrong with it, or it cannot be read.</exception>
    public static ClusterSettings? ReadFile(string? path) => ReadFile(path, Environment.GetEnvironmentVariable);

    internal static ClusterSettings? ReadFile(string? path, Func<string, string?> environment)
    {
        var findings = new Findings();
        if (path is null)
            return Read(null, environment, findings);
        var root = HoconFile.Read(path, findings.Problems) ?? throw new InvalidSettingsException(findings.Problems);
        return Read(root.Items.GetValueOrDefault("mcp-actors"), environment, findings);
    }

    /// <summary>Reads the keys. What values they may have is the settings' own concern.</summary>
    internal static ClusterSettings Read(Section cluster)
    {
        var none = new ClusterSettings();
        var settings = new ClusterSettings
        {
            Hostname = cluster.Text("hostname") ?? none.Hostname,
            PublicHostname = cluster.Text("public-hostname") is { Length: > 0 } name ? name : null,
            Port = cluster.Int("port", none.Port),
            SeedNodes = [.. cluster.Texts(SeedNodes).Select(seed => seed.Trim())],
            MaximumFrameSize = (int)Math.Clamp(cluster.Size("maximum-frame-size", none.MaximumFrameSize), int.MinValue, int.MaxValue),
            StableAfter = cluster.Duration("stable-after", none.StableAfter),
        };
        cluster.End();
        return settings;
    }

    private static ClusterSettings? Read(ConfigNode? top, Func<string, string?> environment, Findings findings)
    {
        var section = new Section(top as ObjectNode ?? new ObjectNode(null), "mcp-actors", findings);
        var written = section.Has(Block) ? section.Value(Block) : null;
        var given = FromEnvironment(environment);
        ClusterSettings? settings = null;
        if (written is not null and not ObjectNode)
            section.Problem(Block, "must be a block, { … }");
        else if (written is not null || given.ContainsKey(SeedNodes))
            settings = Check(Overridden(written as ObjectNode, given), section.PathOf(Block), findings);
        foreach (var key in section.Keys.Where(key => findings.Asked.Contains(KeyPath.Of(section.PathOf(Block), key))))
            section.Problem(key, $"belongs to the cluster; move it to {KeyPath.Of(section.PathOf(Block), key)}");
        return findings.Problems.Count == 0 ? settings : throw new InvalidSettingsException(findings.Problems);
    }

    private static ClusterSettings Check(ObjectNode block, string path, Findings findings)
    {
        var settings = Read(new Section(block, path, findings));
        findings.AddConsequences(settings.Problems());
        return settings;
    }

    private static Dictionary<string, ConfigNode> FromEnvironment(Func<string, string?> environment)
    {
        var given = new Dictionary<string, ConfigNode>();
        foreach (var (key, variable) in Variables)
        {
            if (environment(variable) is not { Length: > 0 } text)
                continue;
            var place = new Place($"environment variable {variable}", 0);
            given[key] = key == SeedNodes
                ? new ArrayNode([.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(seed => new TextNode(seed, place))], place)
                : new TextNode(text, place);
        }
        return given;
    }

    private static ObjectNode Overridden(ObjectNode? written, Dictionary<string, ConfigNode> given)
    {
        var block = new ObjectNode(written?.Place);
        foreach (var (key, value) in written?.Items.AsEnumerable() ?? [])
            block.Items[key] = value;
        foreach (var (key, value) in given)
            block.Items[key] = value;
        return block;
    }
}
