using McpActors.Host.Tests.Processes;

namespace McpActors.Delivery.Tests.Packages;

[Collection(PackageCollection.Name)]
public class ToolPackageTests(PackedFixture packed)
{
    [Fact]
    public async Task Prints_the_version_it_was_packed_with()
    {
        await using var tool = HostProcess.Start([packed.Tool], Environment(), ["--version"]);

        Assert.Equal(0, (await tool.EndAsync()).ExitCode);
        Assert.StartsWith(packed.Version, tool.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Serves_its_pool_and_its_dashboard_from_any_folder()
    {
        await using var tool = await HostProcess.ServeAsync([packed.Tool], Environment(), ["--demo-port", "0"]);
        await tool.ReadyAsync();

        await ServedProgram.AssertServesAsync(tool.Client);
        tool.Signal("TERM");
        Assert.Equal(0, (await tool.EndAsync()).ExitCode);
    }

    [Fact]
    public void Has_a_description_and_a_licence()
    {
        var metadata = packed.Metadata("McpActors.Host.*.nupkg");

        Assert.Equal("DotnetTool", metadata["packageTypes"].Single().Elements().Single().Attribute("name")?.Value);
        Assert.Equal("Apache-2.0", metadata["license"].Single().Value);
        Assert.Equal("README.md", metadata["readme"].Single().Value);
    }

    [Fact]
    public void Contains_nothing_for_projects_that_would_reference_it() =>
        Assert.DoesNotContain(
            packed.Entries("McpActors.Host.*.nupkg"),
            path => path.StartsWith("build", StringComparison.Ordinal) || path.StartsWith("content", StringComparison.Ordinal)
                || path.StartsWith("staticwebassets", StringComparison.Ordinal));

    /// <summary>An installed command looks for .NET in its usual place; the .NET that runs these tests may be elsewhere.</summary>
    private static Dictionary<string, string> Environment() =>
        System.Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { } dotnet
            ? new() { ["DOTNET_ROOT"] = Path.GetDirectoryName(dotnet)! }
            : [];
}
