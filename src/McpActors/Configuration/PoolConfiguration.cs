using Akka.Configuration;

using McpActors.Configuration.Hocon;
using McpActors.Configuration.Imports;
using Microsoft.Extensions.Configuration;

namespace McpActors.Configuration;

/// <summary>
/// Reads <see cref="PoolSettings"/> from HOCON, <c>mcp.json</c> files and <c>IConfiguration</c>. All problems are reported together, each
/// with the path of its key. Safe for any thread.
/// </summary>
public static class PoolConfiguration
{
    /// <summary>The library's defaults, every key with its unit and meaning: the embedded <c>reference.conf</c>.</summary>
    public static Config Reference { get; } = ConfigurationFactory.FromResource<PoolSettings>("McpActors.reference.conf");

    /// <summary>The names of the strategies that the library has.</summary>
    public static IReadOnlyCollection<string> BuiltInStrategies => StrategyNames.All;

    /// <summary>Reads the settings under <c>mcp-actors.pool</c>.</summary>
    /// <param name="config">The configuration; <see cref="Reference"/> need not be part of it.</param>
    /// <param name="baseDirectory">Relative paths of files start from here; null: from the current directory.</param>
    /// <param name="strategies">The names of the strategies that exist; null: <see cref="BuiltInStrategies"/>.</param>
    /// <exception cref="InvalidSettingsException">The settings have problems.</exception>
    /// <remarks>
    /// A configuration that Akka has parsed has lost its lines, and any name that is written twice; <see cref="ReadFile"/> reports those
    /// too. Servers keep the order in which they are written; <c>WithFallback</c> puts those of the fallback first.
    /// </remarks>
    public static PoolSettings Read(Config config, string? baseDirectory = null, IReadOnlyCollection<string>? strategies = null)
    {
        var findings = new Findings();
        var top = AkkaTree.Read(config, [KeyPath.Top], findings.Problems);
        var settings = Read(new Section(HoconFile.Block(top, findings), KeyPath.Top, findings),
            baseDirectory ?? Environment.CurrentDirectory, strategies);
        return findings.Problems.Count == 0 ? settings : throw new InvalidSettingsException(findings.Problems);
    }

    /// <summary>
    /// Reads the settings from a HOCON file, with everything it includes and imports, or from the <c>mcp.json</c> of an MCP client.
    /// </summary>
    /// <param name="path">The file. Relative paths in it start from its folder.</param>
    /// <param name="strategies">The names of the strategies that exist; null: <see cref="BuiltInStrategies"/>.</param>
    /// <exception cref="InvalidSettingsException">The file cannot be read, or the settings have problems.</exception>
    public static PoolSettings ReadFile(string path, IReadOnlyCollection<string>? strategies = null) =>
        ReadWith(new Findings(), path, strategies);

    /// <summary>
    /// Reads the settings from an <c>IConfiguration</c>: <c>appsettings.json</c>, environment variables, user secrets and any other source.
    /// It has the same keys as the block <c>mcp-actors.pool</c> of HOCON, and the same checks.
    /// </summary>
    /// <param name="section">
    /// The section whose keys are those of the pool, such as <c>configuration.GetSection("McpPool")</c>. Case, <c>-</c> and <c>_</c> do not
    /// count in a key: <c>LoadBalancing</c>, <c>loadBalancing</c>, <c>load-balancing</c> and <c>LOAD_BALANCING</c> are the same. Names of
    /// servers, groups, headers and environment variables are taken as they are. A list may have gaps in its indexes.
    /// </param>
    /// <param name="strategies">The names of the strategies that exist; null: <see cref="BuiltInStrategies"/>.</param>
    /// <returns>The settings as the configuration is now; a later change of it does not reach them.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="section"/> is null.</exception>
    /// <exception cref="InvalidSettingsException">
    /// The section does not exist or has problems. All are reported together, each with the path of its key as the configuration spells it,
    /// such as <c>McpPool:Servers:files:Uri</c>.
    /// </exception>
    /// <remarks>
    /// An <c>IConfiguration</c> sorts its keys, so servers come in the order of their names and not in the order written. Relative paths of
    /// files start from the current directory. Write a secret as <c>TokenEnv</c> or <c>TokenFile</c>, or supply <c>Token</c> from user
    /// secrets or another protected source. Safe for any thread.
    /// </remarks>
    public static PoolSettings Read(IConfiguration section, IReadOnlyCollection<string>? strategies = null)
    {
        ArgumentNullException.ThrowIfNull(section);
        if (section is IConfigurationSection { Path: var path } given && !given.Exists())
        {
            throw new InvalidSettingsException([new(path, "does not exist in the configuration; write the pool's settings there, as"
                + $" \"{path}\": {{ \"Servers\": {{ … }} }} in appsettings.json")]);
        }

        var findings = new Findings();
        var pool = ConfigurationTree.Read(section, key => new Place("", Key: key), findings.Problems);
        var settings = PoolReader.Read(new Section(pool, KeyPath.Pool, findings), Environment.CurrentDirectory);
        settings = Validated(settings, strategies, findings);
        return findings.Problems.Count == 0
            ? settings
            : throw new InvalidSettingsException([.. findings.Problems.Select(problem =>
                problem with { Path = findings.Spelled(problem.Path) })]);
    }

    internal static PoolSettings ReadWith(Findings findings, string path, IReadOnlyCollection<string>? strategies)
    {
        var root = ReadTree(path, findings) ?? throw new InvalidSettingsException(findings.Problems);
        var top = new Section(HoconFile.Top(root, findings), KeyPath.Top, findings);
        if (!top.Has("pool"))
            ReportMissing(path, root, findings);
        var settings = Read(top, Path.GetDirectoryName(Path.GetFullPath(path))!, strategies);
        return findings.Problems.Count == 0 ? settings : throw new InvalidSettingsException(findings.All);
    }

    /// <summary>The tree of a HOCON file, or of one that only imports the <c>mcp.json</c> that is given in its place.</summary>
    internal static ObjectNode? ReadTree(string path, Findings findings) =>
        McpJsonFile.AsConfiguration(path) ?? HoconFile.Read(path, findings.Problems, findings.Files);

    /// <summary>Reports that a file has no pool.</summary>
    internal static void ReportMissing(string path, ObjectNode root, Findings findings) => findings.Add(
        KeyPath.Pool,
        root.Items.ContainsKey("mcpServers")
            ? $"is not in {path}, which is an mcp.json;"
                + $" name it in a HOCON file, as mcp-actors.pool {{ import = [\"{Path.GetFileName(path)}\"] }}"
            : $"is not in {path}; write mcp-actors.pool {{ servers {{ … }} }}",
        null);

    /// <summary>Reads the block of the pool; problems go to the section's findings.</summary>
    /// <param name="top">The block <c>mcp-actors</c>.</param>
    /// <param name="baseDirectory">Relative paths start from here.</param>
    /// <param name="strategies">The names of the strategies that exist; null: <see cref="BuiltInStrategies"/>.</param>
    internal static PoolSettings Read(Section top, string baseDirectory, IReadOnlyCollection<string>? strategies)
    {
        var settings = PoolReader.Read(top.Child("pool"), baseDirectory);
        top.ReportMisplaced("pool");
        return Validated(settings, strategies, top.Findings);
    }

    /// <summary>
    /// Reads a HOCON file, with everything it includes, as a <c>Config</c> for Akka. Stricter than Akka's own parser about certain
    /// mistakes, and takes <c>${NAME}</c> from the environment too.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidSettingsException">The file cannot be read or parsed.</exception>
    public static Config LoadFile(string path)
    {
        var problems = new List<SettingsProblem>();
        var root = HoconFile.Read(path, problems);
        return root is null || problems.Count > 0 ? throw new InvalidSettingsException(problems) : AkkaTree.ToConfig(root);
    }

    private static PoolSettings Validated(PoolSettings settings, IReadOnlyCollection<string>? strategies, Findings findings)
    {
        settings = settings with { LeavesOutServers = findings.LeavesOutServers };
        findings.AddConsequences(SettingsValidator.Validate(settings, strategies ?? BuiltInStrategies));
        return findings.LeavesOutServers ? MisconfiguredServers.LeaveOut(settings, findings) : settings;
    }
}
