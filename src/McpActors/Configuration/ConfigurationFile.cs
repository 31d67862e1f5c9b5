namespace McpActors.Configuration;

/// <summary>A configuration file as it was read: its settings, or what is wrong with them, and every file that had a part in it. Immutable.</summary>
/// <param name="Settings">The settings; null when something is wrong.</param>
/// <param name="Problems">Everything that is wrong.</param>
/// <param name="Files">The file, what it includes and what it imports, also those that could not be read: to be looked at for changes.</param>
public sealed record ConfigurationFile(PoolSettings? Settings, IReadOnlyList<SettingsProblem> Problems, IReadOnlyList<string> Files)
{
    /// <summary>Reads a HOCON file with everything it includes and imports. Throws nothing for a bad one.</summary>
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
