namespace McpActors.Delivery.Tests.Packages;

[Collection(PackageCollection.Name)]
public class AspNetCorePackageTests(PackedFixture packed)
{
    private const string Package = "McpActors.AspNetCore.*.nupkg";

    [Fact]
    public void Contains_the_library_its_documentation_a_readme_and_an_icon()
    {
        var files = packed.Entries(Package).Where(path => path.StartsWith("lib/", StringComparison.Ordinal) || !path.Contains('/'));

        Assert.Equal(
            [
                "README.md", "[Content_Types].xml", "icon.png", "lib/net10.0/McpActors.AspNetCore.dll",
                "lib/net10.0/McpActors.AspNetCore.xml",
            ],
            files.Where(path => !path.EndsWith(".nuspec", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Needs_the_library_of_its_own_version_and_no_clustering()
    {
        var needed = packed.Metadata(Package)["dependencies"].Single().Descendants()
            .Where(element => element.Name.LocalName == "dependency")
            .ToDictionary(element => element.Attribute("id")!.Value, element => element.Attribute("version")!.Value);

        Assert.Equal(packed.Version, needed["McpActors"]);
        Assert.Contains("ModelContextProtocol.AspNetCore", needed.Keys);
        Assert.DoesNotContain(needed.Keys, package => package.StartsWith("Akka.Cluster", StringComparison.Ordinal));
        Assert.DoesNotContain("Akka.Remote", needed.Keys);
        Assert.DoesNotContain("LightningDB", needed.Keys);
    }
}
