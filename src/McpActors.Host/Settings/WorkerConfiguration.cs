using Akka.Configuration;
using McpActors.Clustering;
using McpActors.Configuration;

namespace McpActors.Host.Settings;

/// <summary>Everything a worker is told by its file and its environment.</summary>
/// <param name="Pool">The block <c>mcp-actors.pool</c>; null: there is no file.</param>
/// <param name="Host">The block <c>mcp-actors.host</c>.</param>
/// <param name="Cluster">The block <c>mcp-actors.cluster</c>; null: the worker is no node of a cluster.</param>
/// <param name="Akka">The block <c>akka</c>, which goes before what the worker tells its actor system; empty when there is none.</param>
internal sealed record WorkerConfiguration(PoolSettings? Pool, HostSettings Host, ClusterSettings? Cluster, Config Akka)
{
    private static readonly string[] Blocks = ["pool", "cluster", "host"];

    // Two places for one setting would leave it to a rule which of them counts.
    private static readonly string[] ClusterKeys = ["hostname", "public-hostname", "port", "maximum-frame-size"];

    /// <summary>Reads the file, if there is one, and the environment.</summary>
    /// <exception cref="InvalidSettingsException">Everything that is wrong, together.</exception>
    public static WorkerConfiguration Read(string? file)
    {
        var problems = new List<SettingsProblem>();
        var pool = file is null ? null : Collect(() => PoolConfiguration.ReadFile(file));
        var host = Collect(() => HostSettings.Read(file));
        var cluster = Collect(() => ClusterConfiguration.ReadFile(file));
        var akka = file is null ? null : Collect(() => ReadAkka(PoolConfiguration.LoadFile(file)));
        if (cluster is { SeedNodes.Count: 0 })
        {
            problems.Add(new("mcp-actors.cluster.seed-nodes", "is empty, so this worker would join no cluster; name one to three nodes as host:port, the same on every node"
                + " (the first may be this one)"));
        }
        if (cluster is not null && akka is not null)
        {
            problems.AddRange(ClusterKeys.Where(key => akka.HasPath($"akka.remote.dot-netty.tcp.{key}"))
                .Select(key => new SettingsProblem($"akka.remote.dot-netty.tcp.{key}", $"belongs to the cluster; move it to mcp-actors.cluster.{key}")));
        }
        return problems.Count == 0
            ? new WorkerConfiguration(pool, host!, cluster, akka ?? ConfigurationFactory.Empty)
            // The file is read once for each part, and what is wrong with its form is found by each.
            : throw new InvalidSettingsException([.. problems.Distinct()]);

        T? Collect<T>(Func<T> read) where T : class?
        {
            try
            {
                return read();
            }
            catch (InvalidSettingsException e)
            {
                problems.AddRange(e.Problems);
                return null;
            }
        }
    }

    private static Config ReadAkka(Config file)
    {
        if (file.GetValue("mcp-actors") is { } own && own.IsObject() && own.GetObject().Items.Keys.Except(Blocks).ToList() is { Count: > 0 } unknown)
        {
            throw new InvalidSettingsException(
                [.. unknown.Select(key => new SettingsProblem($"mcp-actors.{key}", $"is not a known block; known here: {string.Join(", ", Blocks)}"))]);
        }
        if (file.GetValue("akka") is not { } akka)
            return ConfigurationFactory.Empty;
        return akka.IsObject() ? akka.AtKey("akka") : throw new InvalidSettingsException([new("akka", "must be a block, { … }")]);
    }
}
