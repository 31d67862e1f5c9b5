namespace McpActors.Tests;

/// <summary>
/// An environment variable of this process that has its old value again when this is disposed. A test that reads the whole environment, or
/// sets a variable that others read, runs <see cref="Alone"/>.
/// </summary>
internal sealed class Variable : IDisposable
{
    private readonly string? _before;

    /// <param name="value">The value until then.</param>
    /// <param name="name">The name; null: one that no other test has.</param>
    public Variable(string value, string? name = null)
    {
        Name = name ?? $"MCPACTORS_TEST_{Guid.NewGuid():N}";
        _before = Environment.GetEnvironmentVariable(Name);
        Environment.SetEnvironmentVariable(Name, value);
    }

    public string Name { get; }

    public void Dispose() => Environment.SetEnvironmentVariable(Name, _before);
}
