namespace McpActors.Host.Tests;

/// <summary>The source tree these tests were built from.</summary>
internal static class Repository
{
    /// <summary>The folder of McpActors.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The full path of a file or folder of the tree.</summary>
    public static string At(params ReadOnlySpan<string> path) => Path.Combine([Root, .. path]);

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "McpActors.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException($"No McpActors.sln above {AppContext.BaseDirectory}.");
        return folder.FullName;
    }
}
