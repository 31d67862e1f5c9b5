using McpActors.Configuration;
using McpActors.Host.Commands;
using McpActors.Host.Demo;

namespace McpActors.Host.Tests;

public class ExampleConfigurationTests
{
    [Fact]
    public async Task The_example_file_describes_the_demo_servers()
    {
        await using var demo = await DemoServers.StartAsync(firstPort: 0, TimeProvider.System);
        var settings = PoolConfiguration.ReadFile(Path.Combine(AppContext.BaseDirectory, "host.conf"));

        Assert.Equal(
            demo.Pool.Servers.Select((s, i) =>
                (s.Name, $"ws://127.0.0.1:{WorkerOptions.DefaultDemoPort + i}/", s.Token!.Resolve(), s.Priority)),
            settings.Servers.Select(s => (s.Name, s.Uri!.ToString(), s.Token!.Resolve(), s.Priority)));
    }
}
