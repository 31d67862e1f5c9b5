namespace McpActors.Configuration;

/// <summary>
/// The result of reading a configuration file: its settings or its problems, and every file that is part of it. Immutable.
/// </summary>
/// <param name="Settings">The settings; null when there are problems.</param>
/// <param name="Problems">All problems; empty when there are settings.</param>
/// <param name="Files">
/// The file and all files that it includes or imports, also those that could not be read: the files to watch for changes.
/// </param>
public sealed record ConfigurationFile(PoolSettings? Settings, IReadOnlyList<SettingsProblem> Problems, IReadOnlyList<string> Files)
{
    /// <summary>Reads a HOCON file with everything it includes and imports. Problems do not throw.</summary>
    /// <param name="path">The file. Relative paths in it start from its folder.</param>
    /// <param name="strategies">The names of the strategies that exist; null: <see cref="PoolConfiguration.BuiltInStrategies"/>.</param>
    public static ConfigurationFile Read(string path, IReadOnlyCollection<string>? strategies = null)
    {
        var findings = new Findings();
        findings.Files.Add(Path.GetFullPath(path));
        try
        {
            var settings = PoolConfiguration.ReadWith(findings, path, strategies);
            return new(settings, [], [.. findings.Files]);
        }
        catch (InvalidSettingsException e)
        {
            return new(null, e.Problems, [.. findings.Files]);
        }
    }
}
