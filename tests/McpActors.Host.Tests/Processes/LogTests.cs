using System.Text.Json;

namespace McpActors.Host.Tests.Processes;

/// <summary>The log of the worker on stderr.</summary>
public class LogTests
{
    [Fact]
    public async Task As_JSON_each_line_is_an_object_and_names_its_server()
    {
        var lines = await RunAsync(new() { ["MCP_ACTORS_LOG_FORMAT"] = "json" });

        var entries = lines.Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.All(entries, entry => Assert.True(entry.TryGetProperty("@t", out _) && entry.TryGetProperty("@m", out _)));
        var connected = entries.Where(entry => entry.GetProperty("@m").GetString()!.Contains("is connected", StringComparison.Ordinal));
        Assert.Equal(
            ["backup-server", "primary-server", "secondary-server"],
            connected.Select(entry => entry.GetProperty("Server").GetString()).Order());
    }

    [Fact]
    public async Task A_call_is_no_line_at_the_default_level_and_one_with_its_id_and_server_at_debug()
    {
        Assert.DoesNotContain(await RunAsync([]), line => line.Contains("my-call", StringComparison.Ordinal));

        var lines = await RunAsync(new() { ["Serilog__MinimumLevel__Default"] = "Debug", ["MCP_ACTORS_LOG_FORMAT"] = "json" });

        var call = JsonDocument.Parse(Assert.Single(lines, line => line.Contains(" answered call ", StringComparison.Ordinal))).RootElement;
        Assert.Equal(("my-call", "primary-server"), (call.GetProperty("CallId").GetString(), call.GetProperty("Server").GetString()));
    }

    // Three servers connect and one call is answered.
    private static async Task<string[]> RunAsync(Dictionary<string, string> environment)
    {
        await using var host = await HostProcess.DemoAsync(environment);
        using var answer = await host.ExecuteAsync("""{"method": "getData", "options": {"mode": "Failover", "callId": "my-call"}}""");
        Assert.Equal(200, (int)answer.StatusCode);
        host.Signal("TERM");
        var (exitCode, error) = await host.EndAsync();
        Assert.Equal(0, exitCode);
        return error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
