using McpActors.Configuration;
using McpActors.Transports;
using Xunit;

namespace McpActors.Tests.Transports;

public sealed class WorkingDirectoryTests
{
    [Fact]
    public async Task A_folder_that_does_not_exist_is_named_with_its_key()
    {
        using var folder = new TemporaryDirectory();
        var missing = folder.PathOf("none");
        var server = new ServerSettings { Name = "s", Command = "sh", WorkingDirectory = missing };
        await using var transport = new ProcessTransport(server, new PoolSettings(), TimeProvider.System, logs: null);

        var error = await Assert.ThrowsAsync<DirectoryNotFoundException>(() => transport.ConnectAsync());

        Assert.Equal($"cwd: there is no folder {missing}", error.Message);
    }
}
