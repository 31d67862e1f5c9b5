namespace McpActors.Host.Tests;

/// <summary>An empty folder outside the source tree that is deleted at the end of the test.</summary>
internal sealed class TempFolder : IDisposable
{
    public TempFolder() => Directory.CreateDirectory(Path);

    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"mcpactors-{Guid.NewGuid():N}");

    /// <summary>The full path of the entry of this name.</summary>
    public string At(params ReadOnlySpan<string> path) => System.IO.Path.Combine([Path, .. path]);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
