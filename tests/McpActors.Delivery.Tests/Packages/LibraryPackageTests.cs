using System.Reflection.Metadata;
using System.Text;
using McpActors.Host.Tests;

namespace McpActors.Delivery.Tests.Packages;

[Collection(PackageCollection.Name)]
public class LibraryPackageTests(PackedFixture packed)
{
    // The id of Source Link, the map from documents to their sources, in the portable PDB format.
    private static readonly Guid SourceLink = new("CC110556-A091-4D38-9FEC-25AB9A351A6A");

    [Fact]
    public void Contains_the_library_its_documentation_and_a_readme_and_nothing_else()
    {
        var files = packed.Entries("McpActors.*.nupkg").Where(path => !IsOfFormat(path));

        Assert.Equal(
            ["README.md", "icon.png", "lib/net10.0/McpActors.dll", "lib/net10.0/McpActors.xml"], files.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Has_a_description_and_a_licence()
    {
        var metadata = packed.Metadata("McpActors.*.nupkg");

        Assert.Equal("McpActors", metadata["id"].Single().Value);
        Assert.Equal(packed.Version, metadata["version"].Single().Value);
        Assert.Equal("Apache-2.0", metadata["license"].Single().Value);
        Assert.Equal("README.md", metadata["readme"].Single().Value);
        Assert.Equal("icon.png", metadata["icon"].Single().Value);
        Assert.Contains(packed.Version.Split('-')[0], metadata["releaseNotes"].Single().Value, StringComparison.Ordinal);
        Assert.NotEmpty(metadata["description"].Single().Value);
        Assert.Contains("model-context-protocol", metadata["tags"].Single().Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Comes_with_symbols() => ReadSymbols(symbols => Assert.NotEmpty(symbols.Documents));

    [SkippableFact]
    public void Its_symbols_point_to_the_sources()
    {
        Skip.IfNot(Path.Exists(Repository.At(".git")), "These sources are in no git repository.");

        Assert.Equal(PackedFixture.Origin, packed.Metadata("McpActors.*.nupkg")["repository"].Single().Attribute("url")?.Value);
        Assert.Equal(PackedFixture.Origin, packed.Metadata("McpActors.*.nupkg")["projectUrl"].Single().Value);
        ReadSymbols(symbols =>
        {
            var map = symbols.CustomDebugInformation
                .Select(symbols.GetCustomDebugInformation)
                .Single(info => symbols.GetGuid(info.Kind) == SourceLink);
            Assert.Contains("example/mcp-actors/", Encoding.UTF8.GetString(symbols.GetBlobBytes(map.Value)), StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task The_first_program_of_the_README_runs_with_it()
    {
        using var project = await ConsoleProject.CreateAsync(packed, ReadmeSnippet.Read("install"));

        var output = await project.RunAsync();

        Assert.Contains("first: Hello, pool", output, StringComparison.Ordinal);
        // A service that embeds the library alone gets no clustering and no native library.
        Assert.DoesNotContain(project.Output, file => file.StartsWith("Akka.Remote", StringComparison.Ordinal)
            || file.StartsWith("Akka.Cluster", StringComparison.Ordinal)
            || file.StartsWith("Akka.Persistence", StringComparison.Ordinal)
            || file.StartsWith("LightningDB", StringComparison.Ordinal)
            || file.EndsWith(".so", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_service_of_the_README_compiles_with_it()
    {
        using var project = await ConsoleProject.CreateAsync(packed, ReadmeSnippet.Read("service"));
    }

    private void ReadSymbols(Action<MetadataReader> assert)
    {
        var pdb = packed.Read("McpActors.*.snupkg", "lib/net10.0/McpActors.pdb");
        using var provider = MetadataReaderProvider.FromPortablePdbStream(new MemoryStream(pdb));
        assert(provider.GetMetadataReader());
    }

    private static bool IsOfFormat(string path) =>
        path is "_rels/.rels" or "[Content_Types].xml" or "McpActors.nuspec" || path.StartsWith("package/", StringComparison.Ordinal);
}
