using System.IO.Compression;
using System.Xml.Linq;
using McpActors.Host.Presentation;
using McpActors.Host.Tests;

namespace McpActors.Delivery.Tests.Packages;

/// <summary>The packages from <c>dotnet pack</c>, and the tool installed from them; made once, outside the source tree.</summary>
public sealed class PackedFixture : IAsyncLifetime
{
    /// <summary>The repository of the sources, as the packages name it.</summary>
    public const string Origin = "https://github.com/example/mcp-actors";

    private const string Suffix = "test";
    private const string Remote = "packages-test";

    private readonly TempFolder _folder = new();

    /// <summary>The folder with the packages.</summary>
    public string Source => _folder.At("packages");

    /// <summary>The version of all of them.</summary>
    public string Version { get; } = $"{ProgramVersion.Text}-{Suffix}";

    /// <summary>The installed command.</summary>
    public string Tool => _folder.At("tool", OperatingSystem.IsWindows() ? "mcp-actors.exe" : "mcp-actors");

    public async Task InitializeAsync()
    {
        // A remote only for the tests, in the user's git configuration: a clone may have none, or one that is a folder.
        Directory.CreateDirectory(_folder.At("config", "git"));
        await File.WriteAllTextAsync(_folder.At("config", "git", "config"), $"[remote \"{Remote}\"]\n\turl = {Origin}\n");
        await BuildAsync("pack", "McpActors", Source);
        await BuildAsync("pack", "McpActors.AspNetCore", Source);
        await BuildAsync("pack", "McpActors.Cluster", Source);
        await BuildAsync("pack", "McpActors.Host", Source);
        await Dotnet.RunAsync(
            _folder.Path,
            "tool", "install", "McpActors.Host", "--version", Version, "--tool-path", _folder.At("tool"), "--add-source", Source);
    }

    /// <summary>Publishes the worker by a publish profile, into a folder of its own.</summary>
    /// <returns>The folder.</returns>
    public async Task<string> PublishAsync(string profile)
    {
        var folder = _folder.At(profile);
        await BuildAsync("publish", "McpActors.Host", folder, $"-p:PublishProfile={profile}");
        return folder;
    }

    public Task DisposeAsync()
    {
        _folder.Dispose();
        return Task.CompletedTask;
    }

    /// <summary>The paths of the files in a package.</summary>
    public IReadOnlyList<string> Entries(string package)
    {
        using var archive = Open(package);
        return [.. archive.Entries.Select(entry => entry.FullName)];
    }

    /// <summary>The metadata of a package: the elements of <c>metadata</c> by name.</summary>
    public ILookup<string, XElement> Metadata(string package)
    {
        using var archive = Open(package);
        using var nuspec = archive.Entries.Single(entry => entry.FullName.EndsWith(".nuspec", StringComparison.Ordinal)).Open();
        return XDocument.Load(nuspec).Root!.Elements().Single().Elements().ToLookup(element => element.Name.LocalName);
    }

    /// <summary>One file of a package.</summary>
    public byte[] Read(string package, string path)
    {
        using var archive = Open(package);
        using var entry = archive.GetEntry(path)?.Open() ?? throw new InvalidOperationException($"{package} has no {path}.");
        using var content = new MemoryStream();
        entry.CopyTo(content);
        return content.ToArray();
    }

    /// <summary>Always uses the same properties, so that nothing is compiled twice.</summary>
    private async Task BuildAsync(string verb, string project, string output, params IEnumerable<string> more) =>
        await Dotnet.RunAsync(
            Repository.Root,
            new() { ["XDG_CONFIG_HOME"] = _folder.At("config") },
            [
                verb, Repository.At("src", project), "--output", output, "--artifacts-path", _folder.At("artifacts"),
                "--version-suffix", Suffix, $"-p:GitRepositoryRemoteName={Remote}", .. Dotnet.Quick, .. more,
            ]);

    private ZipArchive Open(string package) =>
        ZipFile.OpenRead(Path.Combine(Source, package.Replace("*", Version, StringComparison.Ordinal)));
}
