using System.Net;
using McpActors.Host.Tests.Api;

namespace McpActors.Host.Tests.Processes;

public class StopTests
{
    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task A_signal_ends_it_with_0(string signal)
    {
        await using var host = await HostProcess.DemoAsync();

        host.Signal(signal);

        Assert.Equal(0, (await host.EndAsync()).ExitCode);
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task A_signal_before_it_serves_ends_it_with_0(string signal)
    {
        if (OperatingSystem.IsWindows())
            return;
        using var folder = new TempFolder();
        var pipe = await NamedPipe.MakeAsync(folder);
        using var config = new TempFile($$"""
            mcp-actors { pool.servers {}, cluster { seed-nodes = ["127.0.0.1:4053"] } }
            akka.remote.dot-netty.tcp { enable-ssl = on, ssl.certificate { path = "{{pipe}}", password = "" } }
            """);
        await using var host = HostProcess.Start("--config", config.Name, "--urls", "http://127.0.0.1:0");

        // The pipe opens once the worker reads its certificate, which does not come.
        await using var file = await Task.Run(() => new FileStream(pipe, FileMode.Open, FileAccess.Write))
            .WaitAsync(TimeSpan.FromMinutes(2));
        host.Signal(signal);
        var (exitCode, error) = await host.EndAsync();

        Assert.Equal((0, ""), (exitCode, error));
    }

    [Fact]
    public async Task A_call_in_flight_is_answered_before_it_ends()
    {
        await using var slow = await SlowServer.StartAsync();
        using var file = new TempFile($$"""mcp-actors.pool { drain-timeout = 120s, servers { slow { uri = "{{slow.Uri}}" } } }""");
        await using var host = await HostProcess.ServeAsync("--config", file.Name);
        await host.ReadyAsync();

        var call = host.ExecuteAsync("""{"method":"wait"}""");
        await slow.Called.WaitAsync(TimeSpan.FromSeconds(30));
        host.Signal("TERM");
        await Eventually.TrueAsync(async () => !await AcceptsAsync(host));
        slow.Answer();

        var response = await call;
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("slow", (await response.JsonAsync()).GetProperty("server").GetString());
        Assert.Equal(0, (await host.EndAsync()).ExitCode);
    }

    [Fact]
    public async Task A_call_that_outlives_the_drain_is_answered_with_an_error()
    {
        await using var slow = await SlowServer.StartAsync();
        using var file = new TempFile($$"""mcp-actors.pool { drain-timeout = 300ms, servers { slow { uri = "{{slow.Uri}}" } } }""");
        await using var host = await HostProcess.ServeAsync("--config", file.Name);
        await host.ReadyAsync();

        var call = host.ExecuteAsync("""{"method":"wait"}""");
        await slow.Called.WaitAsync(TimeSpan.FromSeconds(30));
        host.Signal("TERM");

        var response = await call;
        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
        await response.ErrorAsync("OutcomeUnknown");
        Assert.Equal(0, (await host.EndAsync()).ExitCode);
    }

    [Fact]
    public async Task With_a_delay_it_keeps_serving_and_reports_that_it_is_stopping()
    {
        await using var slow = await SlowServer.StartAsync();
        // Long enough for both requests on a busy machine.
        using var file = new TempFile($$"""mcp-actors { host.shutdown-delay = 20s, pool.servers { slow { uri = "{{slow.Uri}}" } } }""");
        await using var host = await HostProcess.ServeAsync("--config", file.Name);
        await host.ReadyAsync();
        slow.Answer();
        using (var before = await host.ExecuteAsync("""{"method":"wait"}"""))
            Assert.Null(before.Headers.ConnectionClose);

        host.Signal("TERM");
        await Eventually.TrueAsync(
            async () => (await host.Client.GetAsync("/health/ready")).StatusCode == HttpStatusCode.ServiceUnavailable);
        using var response = await host.ExecuteAsync("""{"method":"wait"}""");

        Assert.Equal((HttpStatusCode.OK, true), (response.StatusCode, response.Headers.ConnectionClose));
        Assert.Equal(0, (await host.EndAsync()).ExitCode);
    }

    private static async Task<bool> AcceptsAsync(HostProcess host)
    {
        try
        {
            using var client = new HttpClient { BaseAddress = host.Client.BaseAddress };
            using var response = await client.GetAsync("/health/live");
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
