using System.Text.Json;

namespace McpActors.Tests.Interop;

/// <summary>A folder of the repository with pinned npm packages that tests run.</summary>
/// <param name="folder">The folder, from the root of the repository.</param>
/// <param name="needed">What else is missing, in words; null for nothing.</param>
internal sealed class NpmFolder(string folder, Func<string?> needed)
{
    private readonly Lazy<string?> _missing = new(() => needed() ?? MissingIn(PathOf(folder)));

    /// <summary>Whether nothing is missing.</summary>
    public bool IsInstalled => _missing.Value is null;

    /// <summary>The path of a file in the folder.</summary>
    public string File(string name) => Path.Combine(PathOf(folder), name);

    /// <summary>The path of a package's module.</summary>
    public string Module(string module) => Path.Combine(PathOf(folder), "node_modules", module);

    /// <summary>Skips the test where something is missing, and fails it where everything is required.</summary>
    public void Require() => Prerequisite.Require(_missing.Value, $"npm ci --prefix {folder} (with Node 20 or newer)");

    private static string? MissingIn(string directory)
    {
        using var pinned = JsonDocument.Parse(System.IO.File.ReadAllText(Path.Combine(directory, "package.json")));
        foreach (var package in pinned.RootElement.GetProperty("dependencies").EnumerateObject())
        {
            var manifest = Path.Combine(directory, "node_modules", package.Name, "package.json");
            if (!System.IO.File.Exists(manifest))
                return $"npm package {package.Name} is not installed";
            using var installed = JsonDocument.Parse(System.IO.File.ReadAllText(manifest));
            var version = installed.RootElement.GetProperty("version").GetString();
            if (version != package.Value.GetString())
                return $"npm package {package.Name} is installed as {version}, pinned is {package.Value}";
        }

        return null;
    }

    private static string PathOf(string folder)
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!System.IO.File.Exists(Path.Combine(directory.FullName, "McpActors.sln")))
            directory = directory.Parent ?? throw new InvalidOperationException($"No McpActors.sln above {AppContext.BaseDirectory}");
        return Path.Combine(directory.FullName, folder);
    }
}
