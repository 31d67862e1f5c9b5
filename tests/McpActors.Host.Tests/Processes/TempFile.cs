namespace McpActors.Host.Tests.Processes;

/// <summary>A configuration file that is deleted at the end of the test.</summary>
internal sealed class TempFile : IDisposable
{
    public TempFile(string content) => File.WriteAllText(Name, content);

    public string Name { get; } = Path.Combine(Path.GetTempPath(), $"mcpactors-{Guid.NewGuid():N}.conf");

    public void Write(string content) => File.WriteAllText(Name, content);

    public void Dispose() => File.Delete(Name);
}
