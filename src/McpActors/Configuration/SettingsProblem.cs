namespace McpActors.Configuration;

/// <summary>One problem of a configuration.</summary>
/// <param name="Path">
/// The path of the key in its source: <c>mcp-actors.pool.servers.files.uri</c>, or <c>McpPool:Servers:files:Uri</c>; the file and line when
/// there is no key.
/// </param>
/// <param name="Message">The problem, what would be right, and where it is written. Never contains a secret.</param>
public sealed record SettingsProblem(string Path, string Message)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Path}: {Message}";
}

/// <summary>The configuration is not valid. All its problems are reported together.</summary>
/// <param name="problems">The problems, at least one.</param>
public sealed class InvalidSettingsException(IReadOnlyList<SettingsProblem> problems)
    : Exception("The configuration is not valid:" + string.Concat(problems.Select(p => $"{System.Environment.NewLine}  {p}")))
{
    /// <summary>The problems, at least one.</summary>
    public IReadOnlyList<SettingsProblem> Problems { get; } = problems;
}
