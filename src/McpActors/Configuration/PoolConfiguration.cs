using Akka.Configuration;

using McpActors.Configuration.Hocon;

namespace McpActors.Configuration;

/// <summary>Reads <see cref="PoolSettings"/> from HOCON and <c>mcp.json</c> files. Every problem is reported together, with the path of its key.</summary>
public static class PoolConfiguration
{
    /// <summary>The library's defaults, every key with its unit and meaning: the embedded <c>reference.conf</c>.</summary>
    public static Config Reference { get; } = ConfigurationFactory.FromResource<PoolSettings>("McpActors.reference.conf");

    /// <summary>The names of the strategies that the library has.</summary>
    public static IReadOnlyCollection<string> BuiltInStrategies { get; } =
    [
        "round-robin", "random", "least-connections", "power-of-two", "peak-ewma", "priority", "consistent-hash", "consistent-hash-bounded",
    ];

    /// <summary>Reads the settings under <c>mcp-actors.pool</c>.</summary>
    /// <param name="config">The configuration; <see cref="Reference"/> need not be part of it.</param>
    /// <param name="baseDirectory">What relative paths of files start from; null: the current directory.</param>
    /// <param name="strategies">The names of the strategies that exist; null: <see cref="BuiltInStrategies"/>.</param>
    /// <exception cref="InvalidSettingsException">Something is wrong with it.</exception>
    /// <remarks>
    /// A configuration that Akka has parsed has lost its lines, and names written twice; <see cref="ReadFile"/> sees those too. Servers are taken in
    /// the order they are written in; <c>WithFallback</c> puts those of the fallback first.
    /// </remarks>
    public static PoolSettings Read(Config config, string? baseDirectory = null, IReadOnlyCollection<string>? strategies = null)
    {
        var findings = new Findings();
        var top = AkkaTree.Read(config, ["mcp-actors"], findings.Problems);
        return Read(top, baseDirectory ?? Environment.CurrentDirectory, strategies, findings);
    }

    /// <summary>Reads the settings from a HOCON file, with everything it includes and imports.</summary>
    /// <param name="path">The file. Relative paths in it start from its folder.</param>
    /// <param name="strategies">The names of the strategies that exist; null: <see cref="BuiltInStrategies"/>.</param>
    /// <exception cref="InvalidSettingsException">Something is wrong with it, or it cannot be read.</exception>
    public static PoolSettings ReadFile(string path, IReadOnlyCollection<string>? strategies = null) => ReadWith(new Findings(), path, strategies);

    internal static PoolSettings ReadWith(Findings findings, string path, IReadOnlyCollection<string>? strategies)
    {
        var root = HoconFile.Read(path, findings.Problems, findings.Files) ?? throw new InvalidSettingsException(findings.Problems);
        if (root.Items.GetValueOrDefault("mcp-actors") is not ObjectNode top || !top.Items.ContainsKey("pool"))
            findings.Add(KeyPath.Pool, $"is not in {path}; write mcp-actors.pool {{ servers {{ … }} }}", null);
        return Read(root.Items.GetValueOrDefault("mcp-actors"), Path.GetDirectoryName(Path.GetFullPath(path))!, strategies, findings);
    }

    /// <summary>
    /// Reads a HOCON file, with everything it includes, for Akka: what else than <c>mcp-actors.pool</c> stands in it. Stricter than Akka's own
    /// parser about what is certainly a mistake, and looks up environment variables for <c>${NAME}</c>.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidSettingsException">The file cannot be read or parsed.</exception>
    public static Config LoadFile(string path)
    {
        var problems = new List<SettingsProblem>();
        var root = HoconFile.Read(path, problems);
        return root is null || problems.Count > 0 ? throw new InvalidSettingsException(problems) : AkkaTree.ToConfig(root);
    }

    private static PoolSettings Read(ConfigNode? top, string baseDirectory, IReadOnlyCollection<string>? strategies, Findings findings)
    {
        if (top is not (null or ObjectNode or BrokenNode))
            findings.Add("mcp-actors", "must be a block, { … }", top.Place);
        var section = new Section(top as ObjectNode ?? new ObjectNode(null), "mcp-actors", findings);
        var pool = section.Child("pool");
        var settings = PoolReader.Read(pool, baseDirectory);

        // Other parts of mcp-actors have their own readers; a key of the pool has been forgotten to be put into it.
        foreach (var key in section.Keys.Where(k => findings.Asked.Contains(pool.PathOf(k))))
            section.Problem(key, $"belongs to the pool; move it to {pool.PathOf(key)}");

        // What follows from a mistake already told is not told again.
        var known = findings.Problems.ToList();
        foreach (var problem in SettingsValidator.Validate(settings, strategies ?? BuiltInStrategies, !findings.ServersIncomplete))
        {
            if (!known.Exists(k => KeyPath.Related(k.Path, problem.Path)))
                findings.Add(problem.Path, problem.Message, findings.PlaceOf(problem.Path));
        }

        return findings.Problems.Count == 0 ? settings : throw new InvalidSettingsException(findings.Problems);
    }
}
