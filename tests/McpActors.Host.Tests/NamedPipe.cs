using System.Diagnostics;

namespace McpActors.Host.Tests;

/// <summary>A named pipe in place of a configuration file; for systems that have them.</summary>
internal static class NamedPipe
{
    /// <summary>Makes one.</summary>
    /// <returns>Its path.</returns>
    public static async Task<string> MakeAsync(TempFolder folder)
    {
        var path = Path.Combine(folder.Path, "pool.conf");
        using var mkfifo = Process.Start("mkfifo", [path]);
        await mkfifo.WaitForExitAsync();
        return path;
    }
}
