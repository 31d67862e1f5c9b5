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
/// <param name="AtStart">What a change at run time has no effect on.</param>
internal sealed record WorkerConfiguration(PoolSettings? Pool, HostSettings Host, McpClusterSettings? Cluster, Config Akka,
    IReadOnlyList<string> Files, StartBlocks AtStart)
{
    private const int MostReadings = 5;

    // Two places for one setting would need a rule for which of them wins.
    private static readonly string[] ClusterKeys = ["hostname", "public-hostname", "port", "maximum-frame-size"];

    /// <summary>The content of the files when they were read.</summary>
    public FileStamps Stamps { get; private init; } = FileStamps.None;

    /// <summary>The problems of single servers, which are left out.</summary>
    public IReadOnlyList<SettingsProblem> OfServers { get; private init; } = [];

    /// <summary>What a person should know although nothing is wrong.</summary>
    public IReadOnlyList<SettingsProblem> Notes { get; private init; } = [];

    /// <summary>Reads the HOCON file, if there is one, over the other sources.</summary>
    /// <param name="file">The HOCON file; null: none.</param>
    /// <param name="sources">The other sources; null: those of this process.</param>
    /// <exception cref="InvalidSettingsException">Everything that is wrong, together.</exception>
    public static WorkerConfiguration Read(string? file, SettingsSources? sources = null)
    {
        var read = ReadAgain(file, sources);
        return read.Configuration ?? throw new InvalidSettingsException(read.Problems);
    }

    /// <summary>Reads everything again, in the same way. Throws nothing for a bad file.</summary>
    /// <param name="file">The HOCON file; null: none.</param>
    /// <param name="sources">The other sources; null: those of this process.</param>
    public static WorkerReading ReadAgain(string? file, SettingsSources? sources = null)
    {
        sources ??= SettingsSources.OfProcess();
        // Opening a named pipe would wait for its writer, at a reload in the middle of the run.
        if (file is not null && ConfigurationText.RefusalOf(file) is { } refusal)
        {
            string[] files = [Path.GetFullPath(file)];
            return new(null, [new(file, refusal)], files, FileStamps.Of(files));
        }
        // A file that changes while it and others are read must not give half of one version and half of the next.
        var before = FileStamps.Of(file is null ? [] : [Path.GetFullPath(file)]);
        for (var readings = 1; ; readings++)
        {
            var findings = new Findings { LeavesOutServers = true };
            if (file is not null)
                findings.Files.Add(Path.GetFullPath(file));
            var configuration = Read(file, sources, findings);
            var after = FileStamps.Of(findings.Files);
            if (after.Equals(before) || readings == MostReadings)
            {
                var isValid = findings.Problems.Count == 0;
                var valid = isValid
                    ? configuration! with { Stamps = after, OfServers = findings.OfServers, Notes = findings.Notes }
                    : null;
                return new(valid, isValid ? [] : findings.All, [.. findings.Files], after);
            }
            before = after;
        }
    }

    // Null when the structure of the file could not be made out, so that no block can be read.
    private static WorkerConfiguration? Read(string? file, SettingsSources sources, Findings findings)
    {
        var root = file is null ? new ObjectNode(null) : PoolConfiguration.ReadTree(file, findings);
        if (root is null)
            return null;
        ObjectNode[] layers = [HoconFile.Top(root, findings), .. sources.Read(findings)];
        var top = new Section(layers, KeyPath.Top, findings);
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
        var akka = ReadAkka(root, cluster, findings);
        if (cluster is not null && OpenPort.ProblemOf(cluster, OpenPort.HasTls(akka)) is { } open)
            findings.AddConsequences([open]);
        if (cluster is not null && NodeCertificate.ProblemOf(akka) is { } certificate)
            findings.AddConsequences([certificate]);
        return new WorkerConfiguration(pool, host, cluster, akka, [.. findings.Files], new StartBlocks(root, layers));
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

/// <summary>The result of reading everything: the settings or their problems.</summary>
/// <param name="Configuration">The settings; null when there are problems.</param>
/// <param name="Problems">All problems; empty when there are settings.</param>
/// <param name="Files">All files that are part of it, also those that could not be read.</param>
/// <param name="Stamps">The content of these files when they were read.</param>
internal sealed record WorkerReading(
    WorkerConfiguration? Configuration, IReadOnlyList<SettingsProblem> Problems, IReadOnlyList<string> Files, FileStamps Stamps);
