using System.Net;
using System.Text.RegularExpressions;
using McpActors.Host.Tests.Api;

namespace McpActors.Host.Tests.Processes;

public class DemoProcessTests(DemoHost demo) : IClassFixture<DemoHost>
{
    // The table waits three seconds for its servers, which may be too short on a busy machine.
    [Fact]
    public async Task Shows_its_three_servers_and_where_its_API_is()
    {
        var host = demo.Process;
        await Eventually.TrueAsync(() => Task.FromResult(host.Output.Contains("backup-server", StringComparison.Ordinal)));
        Assert.Matches(@"(?m)^primary-server +ws://127\.0\.0\.1:\d+/ +default +1 +Connect(ed|ing)$", host.Output);
        Assert.Matches(@"(?m)^secondary-server +ws://127\.0\.0\.1:\d+/ +default +2 +Connect(ed|ing)$", host.Output);
        Assert.Matches(@"(?m)^backup-server +ws://127\.0\.0\.1:\d+/ +default +3 +Connect(ed|ing)$", host.Output);
        Assert.Equal(HttpStatusCode.OK, (await host.Client.GetAsync("/health/ready")).StatusCode);
    }

    [Fact]
    public async Task Six_calls_go_to_the_servers_in_turn()
    {
        await using var host = await HostProcess.DemoAsync();
        var answers = new List<(string?, string?)>();

        for (var i = 0; i < 6; i++)
        {
            var answer = await (await host.ExecuteAsync("""{"method":"getData"}""")).JsonAsync();
            answers.Add((
                answer.GetProperty("server").GetString(),
                answer.GetProperty("result").GetProperty("structuredContent").GetProperty("source").GetString()));
        }

        (string?, string?)[] round = [("primary-server", "primary"), ("secondary-server", "secondary"), ("backup-server", "backup")];
        Assert.Equal([.. round, .. round], answers);
    }

    [Fact]
    public async Task Failover_goes_to_the_secondary_while_the_primary_is_disconnected()
    {
        var host = demo.Process;
        Assert.Equal(HttpStatusCode.OK, (await host.Client.PostAsync("/api/servers/primary-server/disconnect", null)).StatusCode);
        var answer = await (await host.ExecuteAsync("""{"method":"getData","params":{},"options":{"mode":"Failover"}}""")).JsonAsync();

        Assert.Equal("secondary-server", answer.GetProperty("server").GetString());
        var attempt = answer.GetProperty("attempts").EnumerateArray().Last();
        Assert.Equal("secondary-server", attempt.GetProperty("server").GetString());
        Assert.Equal("Succeeded", attempt.GetProperty("outcome").GetString());
        Assert.Equal(HttpStatusCode.OK, (await host.Client.PostAsync("/api/servers/primary-server/connect", null)).StatusCode);
    }

    [Theory]
    [InlineData("GET", "/api/execute", HttpStatusCode.MethodNotAllowed, "POST")]
    [InlineData("PUT", "/api/servers/primary-server/drain", HttpStatusCode.MethodNotAllowed, "POST")]
    [InlineData("GET", "/api/nothing", HttpStatusCode.NotFound, null)]
    public async Task An_unknown_path_is_a_404_and_a_wrong_method_a_405_beside_the_dashboard_too(
        string method, string path, HttpStatusCode status, string? allowed)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var response = await demo.Process.Client.SendAsync(request);

        Assert.Equal(status, response.StatusCode);
        Assert.Equal(allowed, response.Content.Headers.Allow.SingleOrDefault());
    }

    [Fact]
    public async Task A_tool_that_one_server_has_is_called_there()
    {
        var host = demo.Process;
        var answer = await (await host.ExecuteAsync("""{"method":"countWords","params":{"text":"one two three"}}""")).JsonAsync();

        Assert.Equal("secondary-server", answer.GetProperty("server").GetString());
        Assert.Equal(3, answer.GetProperty("result").GetProperty("structuredContent").GetProperty("words").GetInt32());
    }

    [Fact]
    public async Task A_disconnected_server_serves_again_after_connect()
    {
        var host = demo.Process;
        await host.Client.PostAsync("/api/servers/backup-server/disconnect", null);

        Assert.Equal(HttpStatusCode.OK, (await host.Client.PostAsync("/api/servers/backup-server/connect", null)).StatusCode);

        await Eventually.TrueAsync(async () =>
            (await host.ExecuteAsync("""{"method":"getData","options":{"server":"backup-server"}}""")).StatusCode == HttpStatusCode.OK);
    }

    [Fact]
    public async Task Writes_nothing_to_stderr_that_needs_attention()
    {
        await using var host = await HostProcess.DemoAsync();

        host.Signal("TERM");

        AssertNothingNeedsAttention((await host.EndAsync()).Error);
    }

    [Fact]
    public async Task Writes_nothing_into_the_home_directory()
    {
        using var home = new TempFolder();
        await using var host = await HostProcess.DemoAsync(new() { ["HOME"] = home.Path });

        host.Signal("TERM");

        AssertNothingNeedsAttention((await host.EndAsync()).Error);
        Assert.Empty(Directory.EnumerateFileSystemEntries(home.Path));
    }

    // Kestrel warns of a busy machine; that is not a fault of the worker.
    private static void AssertNothingNeedsAttention(string log) => Assert.DoesNotContain(
        log.Split('\n'),
        line => Regex.IsMatch(line, " (WRN|ERR|FTL) ") && !line.Contains("the heartbeat has been running for", StringComparison.Ordinal));
}
