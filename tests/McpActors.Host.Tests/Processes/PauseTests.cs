using System.Net;
using McpActors.Host.Tests.Api;

namespace McpActors.Host.Tests.Processes;

/// <summary>A worker that is stopped (SIGSTOP) for longer than its calls and probes may take, and goes on.</summary>
public class PauseTests
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(8);

    /// <summary>Enough for everything that became due in the pause.</summary>
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(500);

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_call_in_flight_has_its_answer_and_no_circuit_opens(bool answeredInPause)
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no SIGSTOP");
        await using var slow = await SlowServer.StartAsync();
        using var file = new TempFile(
            $$"""
            mcp-actors.pool {
              call-timeout = 5s, ping-interval = 500ms, ping-timeout = 5s, unhealthy-threshold = 1, circuit.consecutive-failures = 1
              servers { slow { uri = "{{slow.Uri}}" } }
            }
            """);
        await using var host = await HostProcess.ServeAsync("--config", file.Name);
        await host.ReadyAsync();

        var call = host.ExecuteAsync("""{"method":"wait"}""");
        await slow.Called.WaitAsync(TimeSpan.FromSeconds(30));
        host.Signal("STOP");
        if (answeredInPause)
            slow.Answer();
        await Task.Delay(Pause, TimeProvider.System);
        host.Signal("CONT");
        await Task.Delay(Moment, TimeProvider.System);
        slow.Answer();

        var response = await call;
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var attempt = Assert.Single((await response.JsonAsync()).GetProperty("attempts").EnumerateArray());
        Assert.Equal("Succeeded", attempt.GetProperty("outcome").GetString());
        Assert.Equal(HttpStatusCode.OK, (await host.ExecuteAsync("""{"method":"wait"}""")).StatusCode);
        var status = await (await host.Client.GetAsync("/api/status")).JsonAsync();
        var server = Assert.Single(status.GetProperty("servers").EnumerateArray());
        Assert.Equal("Connected", server.GetProperty("status").GetString());
        Assert.Equal("Closed", server.GetProperty("circuit").GetString());
        Assert.Equal(0, server.GetProperty("restarts").GetInt32());
    }
}
