using McpActors.Host.Tests;
using McpActors.Host.Tests.Processes;

namespace McpActors.Delivery.Tests.Packages;

[Collection(PackageCollection.Name)]
public class PublishTests(PackedFixture packed)
{
    [Fact]
    public async Task The_published_program_serves_its_pool_and_its_dashboard_without_NET()
    {
        var program = Path.Combine(await packed.PublishAsync("linux-x64"), "mcp-actors");
        using var empty = new TempFolder();
        // The program finds no installed .NET and can unpack nothing.
        Dictionary<string, string> environment = new()
        {
            ["PATH"] = empty.Path,
            ["HOME"] = empty.Path,
            ["DOTNET_ROOT"] = empty.Path,
            ["DOTNET_BUNDLE_EXTRACT_BASE_DIR"] = "/dev/null",
        };

        await using var host = await HostProcess.ServeAsync([program], environment, ["--demo-port", "0"]);
        await host.ReadyAsync();

        await ServedProgram.AssertServesAsync(host.Client);
        host.Signal("TERM");
        Assert.Equal(0, (await host.EndAsync()).ExitCode);
        Assert.Empty(Directory.EnumerateFileSystemEntries(empty.Path));
    }
}
