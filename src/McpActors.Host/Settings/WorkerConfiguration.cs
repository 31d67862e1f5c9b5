using Akka.Configuration;
using McpActors.Clustering;
using McpActors.Configuration;
using McpActors.Configuration.Hocon;

namespace McpActors.Host.Settings;

/// <summary>All settings of a worker, from its HOCON file and the other sources.</summary>
/// <param name="Pool">The block <c>mcp-actors.pool</c>; null: no source has one.</param>
/// <param name="Host">The block <c>mcp-actors.host</c>.</param>
/// <param name="Cluster">The block <c>mcp-actors.cluster</c>; null: the worker is not a node of a cluster.</param>
/// <param name="Akka">
/// The block <c>akka</c>, which wins over the worker's own settings of its actor system; empty when there is none.
/// </param>
/// <param name="Files">The files that were read.</param>
internal sealed record WorkerConfiguration(PoolSettings? Pool, HostSettings Host, McpClusterSettings? Cluster, Config Akka,
    IReadOnlyList<string> Files)
{
    // Two places for one setting would need a rule for which of them wins.
    private static readonly string[] ClusterKeys = ["hostname", "public-hostname", "port", "maximum-frame-size"];

    /// <summary>Reads the HOCON file, if there is one, over the other sources.</summary>
    /// <param name="file">The HOCON file; null: none.</param>
    /// <param name="sources">The other sources; null: those of this process.</param>
    /// <exception cref="InvalidSettingsException">Everything that is wrong, together.</exception>
    public static WorkerConfiguration Read(string? file, SettingsSources? sources = null)
    {
        var findings = new Findings();
        var configuration = Read(file, sources ?? SettingsSources.OfProcess(), findings);
        return configuration is not null && findings.Problems.Count == 0
            ? configuration
            : throw new InvalidSettingsException(findings.Problems);
    }

    /// <summary>Reads the pool's settings again, in the same way. Throws nothing for a bad file.</summary>
    public static ConfigurationFile ReadPool(string file)
    {
        var findings = new Findings();
        findings.Files.Add(Path.GetFullPath(file));
        var pool = Read(file, SettingsSources.OfProcess(), findings)?.Pool;
        return new(findings.Problems.Count == 0 ? pool : null, findings.Problems, [.. findings.Files]);
    }

    // Null when the structure of the file could not be made out, so that no block can be read.
    private static WorkerConfiguration? Read(string? file, SettingsSources sources, Findings findings)
    {
        var root = file is null ? new ObjectNode(null) : HoconFile.Read(file, findings.Problems, findings.Files);
        if (root is null)
            return null;
        var top = new Section([HoconFile.Top(root, findings), .. sources.Read(findings)], KeyPath.Top, findings);
        var folder = file is null ? Environment.CurrentDirectory : Path.GetDirectoryName(Path.GetFullPath(file))!;
        if (file is not null && !top.Has("pool"))
            PoolConfiguration.ReportMissing(file, root, findings);

        var pool = file is not null || top.Has("pool") ? PoolConfiguration.Read(top, folder, strategies: null) : null;
        var host = HostSettings.Read(top.Child("host"), folder, sources.Variable);
        top.ReportMisplaced("host");
        var cluster = ReadCluster(top, sources.Variable, findings);
        top.Value("pool");
        top.Value("cluster");
        top.End();
        if (pool is not null)
            findings.AddConsequences(host.Problems(pool, !findings.ServersIncomplete));
        return new WorkerConfiguration(pool, host, cluster, ReadAkka(root, cluster, findings), [.. findings.Files]);
    }

    private static McpClusterSettings? ReadCluster(Section top, Func<string, string?> environment, Findings findings)
    {
        var cluster = ClusterConfiguration.Read(top, environment);
        const string SeedNodes = KeyPath.Cluster + ".seed-nodes";
        if (cluster is { SeedNodes.Count: 0 })
        {
            findings.AddConsequences([new(SeedNodes,
                "is empty, so this worker would join no cluster; name one to three nodes as host:port, the same on every node"
                + " (the first may be this one)")]);
        }
        return cluster;
    }

    private static Config ReadAkka(ObjectNode root, McpClusterSettings? cluster, Findings findings)
    {
        if (root.Items.GetValueOrDefault("akka") is not { } akka)
            return ConfigurationFactory.Empty;
        if (akka is not ObjectNode)
        {
            findings.Add("akka", "must be a block, { … }", akka.Place);
            return ConfigurationFactory.Empty;
        }
        var block = new ObjectNode(null);
        block.Items["akka"] = akka;
        var config = AkkaTree.ToConfig(block);
        foreach (var key in ClusterKeys.Where(key => cluster is not null && config.HasPath($"akka.remote.dot-netty.tcp.{key}")))
            findings.Add($"akka.remote.dot-netty.tcp.{key}", $"belongs to the cluster; move it to mcp-actors.cluster.{key}", akka.Place);
        return config;
    }
}
