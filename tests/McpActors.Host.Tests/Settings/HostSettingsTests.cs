using McpActors.Configuration;
using McpActors.Host.Settings;
using McpActors.Host.Tests.Processes;

namespace McpActors.Host.Tests.Settings;

public class HostSettingsTests
{
    [Fact]
    public void Without_a_file_everything_is_as_by_default()
    {
        var settings = HostSettings.Read(null);

        Assert.Equal(1000, settings.RequestsPerSecond);
        Assert.Equal(["*"], settings.AllowedTargets);
        Assert.Empty(settings.AllowedHosts);
    }

    [Fact]
    public void Every_key_is_read()
    {
        using var token = new TempFile("a token that is long enough\n");
        using var file = new TempFile($$"""
            mcp-actors {
              pool { }
              host {
                access-token-file = "{{token.Name}}"
                allowed-hosts = ["pool.example"]
                allowed-targets = ["10.0.0.0/8", "*.internal"]
                requests-per-second = off
                shutdown-delay = 5s
              }
            }
            """);

        var settings = HostSettings.Read(file.Name);

        Assert.Equal("a token that is long enough", settings.AccessToken!.Resolve());
        Assert.Equal(["pool.example"], settings.AllowedHosts);
        Assert.Equal(["10.0.0.0/8", "*.internal"], settings.AllowedTargets);
        Assert.Equal(0, settings.RequestsPerSecond);
        Assert.Equal(TimeSpan.FromSeconds(5), settings.ShutdownDelay);
    }

    [Fact]
    public void Everything_that_is_wrong_is_told_together()
    {
        using var token = new TempFile("short");
        using var file = new TempFile($$"""
            mcp-actors.host { access-token-file = "{{token.Name}}", allowed-hosts = pool, requests-per-second = -3, shutdown-delay = 5, acess-token = x }
            """);

        var problems = Assert.Throws<InvalidSettingsException>(() => HostSettings.Read(file.Name)).Problems;

        Assert.Equal(
            ["access-token-file", "acess-token", "allowed-hosts", "requests-per-second", "shutdown-delay"],
            problems.Select(problem => problem.Path["mcp-actors.host.".Length..]).Order());
        Assert.DoesNotContain("short\"", string.Join(' ', problems), StringComparison.Ordinal);
    }
}
