using System.Text.Json;
using Xunit;

namespace McpActors.Tests.Interop;

/// <summary>The pinned npm packages of <c>tests/interop</c> and the Node that runs them.</summary>
internal static class NodePackages
{
    private const string InstallCommand = "npm ci --prefix tests/interop";
    private const string RequireVariable = "MCPACTORS_REQUIRE_INTEROP";

    private static readonly string Directory = Path.Combine(RepositoryRoot(), "tests", "interop");
    private static readonly string? MissingReason = FindMissing();

    /// <summary>The Node program; only after <see cref="Require"/>.</summary>
    public static string Node { get; } = FindNode() ?? "node";

    /// <summary>The path of a file in <c>tests/interop</c>.</summary>
    public static string Script(string name) => Path.Combine(Directory, name);

    /// <summary>The path of a package's module.</summary>
    public static string Module(string module) => Path.Combine(Directory, "node_modules", module);

    /// <summary>Skips the test where Node or a package is missing, and fails it where they are required.</summary>
    public static void Require()
    {
        if (MissingReason is null)
            return;
        var reason = $"{MissingReason}. To run this test: {InstallCommand} (with Node 20 or newer)";
        if (Environment.GetEnvironmentVariable(RequireVariable) == "1")
            Assert.Fail($"{reason}. It may not be skipped because {RequireVariable}=1");
        Skip.If(true, reason);
    }

    private static string? FindMissing()
    {
        if (FindNode() is null)
            return "node is not on the PATH";
        using var pinned = JsonDocument.Parse(File.ReadAllText(Script("package.json")));
        foreach (var package in pinned.RootElement.GetProperty("dependencies").EnumerateObject())
        {
            var manifest = Module(Path.Combine(package.Name, "package.json"));
            if (!File.Exists(manifest))
                return $"npm package {package.Name} is not installed";
            using var installed = JsonDocument.Parse(File.ReadAllText(manifest));
            var version = installed.RootElement.GetProperty("version").GetString();
            if (version != package.Value.GetString())
                return $"npm package {package.Name} is installed as {version}, pinned is {package.Value}";
        }

        return null;
    }

    private static string? FindNode() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(directory => Path.Combine(directory, OperatingSystem.IsWindows() ? "node.exe" : "node"))
            .FirstOrDefault(File.Exists);

    private static string RepositoryRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "McpActors.sln")))
            directory = directory.Parent ?? throw new InvalidOperationException($"No McpActors.sln above {AppContext.BaseDirectory}");
        return directory.FullName;
    }
}
