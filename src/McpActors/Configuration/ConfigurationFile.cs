namespace McpActors.Configuration;

/// <summary>
/// The result of reading a configuration file: its settings and its problems, and every file that is part of it. Immutable.
/// </summary>
/// <param name="Settings">
/// The settings; null when the pool itself has a problem. A server that has one is in them as a server that does not connect, and whose
/// status has its problem; a server that lacks a secret connects once the secret is there.
/// </param>
/// <param name="Problems">All problems. When there are settings, they are those of single servers.</param>
/// <param name="Files">
/// The file and all files that it includes or imports, also those that could not be read: the files to watch for changes.
/// </param>
public sealed record ConfigurationFile(PoolSettings? Settings, IReadOnlyList<SettingsProblem> Problems, IReadOnlyList<string> Files)
{
    /// <summary>
    /// What a person should know although nothing is wrong: a key of an <c>mcp.json</c> that has no effect, a server renamed.
    /// </summary>
    public IReadOnlyList<SettingsProblem> Notes { get; init; } = [];

    /// <summary>Reads a HOCON file with everything it includes and imports. Problems do not throw.</summary>
    /// <param name="path">The file. Relative paths in it start from its folder.</param>
    /// <param name="strategies">The names of the strategies that exist; null: <see cref="PoolConfiguration.BuiltInStrategies"/>.</param>
    public static ConfigurationFile Read(string path, IReadOnlyCollection<string>? strategies = null)
    {
        var findings = new Findings { LeavesOutServers = true };
        findings.Files.Add(Path.GetFullPath(path));
        try
        {
            var settings = PoolConfiguration.ReadWith(findings, path, strategies);
            return new(settings, findings.OfServers, [.. findings.Files]) { Notes = findings.Notes };
        }
        catch (InvalidSettingsException e)
        {
            return new(null, e.Problems, [.. findings.Files]) { Notes = findings.Notes };
        }
    }
}
