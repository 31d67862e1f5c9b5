namespace McpActors.Configuration;

/// <summary>One thing that is wrong with a configuration.</summary>
/// <param name="Path">The path of the key, such as <c>mcp-actors.pool.servers.files.uri</c>.</param>
/// <param name="Message">What is wrong, and what would be right. Holds no secret.</param>
public sealed record SettingsProblem(string Path, string Message)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Path}: {Message}";
}

/// <summary>The configuration cannot be used. All that is wrong with it is reported together.</summary>
/// <param name="problems">What is wrong, at least one.</param>
public sealed class InvalidSettingsException(IReadOnlyList<SettingsProblem> problems)
    : Exception("The configuration cannot be used:" + string.Concat(problems.Select(p => $"{System.Environment.NewLine}  {p}")))
{
    /// <summary>What is wrong, at least one.</summary>
    public IReadOnlyList<SettingsProblem> Problems { get; } = problems;
}
