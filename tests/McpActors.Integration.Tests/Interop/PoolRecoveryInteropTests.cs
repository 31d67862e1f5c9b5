using System.Text.Json;
using McpActors.Configuration;
using Xunit;

namespace McpActors.Tests.Interop;

/// <summary>Calls and connections when the process of a foreign server is killed (SIGKILL).</summary>
[Collection(InteropGroup.Name)]
public sealed class PoolRecoveryInteropTests(InteropServers servers) : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private string PidFile => _directory.PathOf("pid");

    public void Dispose() => _directory.Dispose();

    [SkippableFact]
    public async Task Replaces_a_child_process_that_is_killed_while_the_others_serve()
    {
        await using var host = await StartPairAsync();
        var killed = await InteropCalls.KillAsync(PidFile);

        var down = (await host.UntilAsync(status => status.Server("killed").Status == ServerStatus.Error)).Server("killed");
        var meanwhile = await Task.WhenAll(Enumerable.Range(1, 10).Select(number => host.Pool.EchoAsync($"{number}")));
        var up = (await host.UntilAsync(status => status.Server("killed").Status == ServerStatus.Connected)).Server("killed");
        var afterwards = await host.Pool.EchoAsync("again", new CallOptions { Server = "killed" });

        Assert.Contains("the process ended", down.LastError, StringComparison.Ordinal);
        Assert.NotNull(down.NextReconnect);
        Assert.All(meanwhile, answer => Assert.Equal("http", answer.Server));
        Assert.Equal(1, up.Restarts);
        Assert.NotEqual(killed, await InteropCalls.PidAsync(PidFile));
        Assert.Equal("Echo: again", afterwards.Text());
    }

    [SkippableFact]
    public async Task Finishes_a_read_only_call_of_a_killed_server_on_another()
    {
        await using var host = await StartPairAsync();
        var call = StartLongCallAsync(host);
        await host.UntilAsync(status => status.Server("killed").InFlight == 1);

        await InteropCalls.KillAsync(PidFile);
        var answer = await call;

        Assert.Equal(
            [("killed", AttemptOutcome.Lost), ("http", AttemptOutcome.Succeeded)],
            answer.Attempts.Select(attempt => (attempt.Server, attempt.Outcome)));
    }

    [SkippableFact]
    public async Task Does_not_repeat_an_unsafe_call_that_a_killed_server_may_have_run()
    {
        await using var host = await StartPairAsync(trustAnnotations: false);
        var call = StartLongCallAsync(host);
        await host.UntilAsync(status => status.Server("killed").InFlight == 1);

        await InteropCalls.KillAsync(PidFile);
        var failure = (await PoolAssert.FailsAsync(PoolErrorKind.OutcomeUnknown, () => call)).Failure;

        Assert.Equal(["killed"], failure.Attempts.Select(attempt => attempt.Server));
    }

    // The reference server answers a request of a session it does not know with HTTP 400, code -32000 and no id; the protocol asks for 404.
    [SkippableFact]
    public async Task Opens_a_new_session_on_a_server_that_forgot_it_in_a_restart()
    {
        await using var before = await InteropServers.StartEverythingOverHttpAsync();
        await using var host = await PoolHost.StartAsync(new PoolSettings { Servers = [InteropServers.Http("restarted", before)] });
        await host.AllConnectedAsync();
        await before.StopAsync();
        await using var after = await InteropServers.StartEverythingOverHttpAsync(before.Port);

        var answer = await host.Pool.EchoAsync("again");

        Assert.Equal("Echo: again", answer.Text());
    }

    /// <summary>A pool of a child process named "killed", which comes first, and of a listening server named "http".</summary>
    private async Task<PoolHost> StartPairAsync(bool trustAnnotations = true)
    {
        var killed = InteropServers.EverythingOverStdio("killed", PidFile) with { Priority = 1, TrustAnnotations = trustAnnotations };
        var host = await PoolHost.StartAsync(new PoolSettings
        {
            Servers = [killed, await servers.GetAsync(InteropServer.StreamableHttp, "http")],
            // It stays in error until a test has checked it and made its call.
            Reconnect = new ReconnectSettings { MinBackoff = TimeSpan.FromSeconds(5) },
        });
        await host.AllConnectedAsync();
        return host;
    }

    private static Task<CallCompleted> StartLongCallAsync(PoolHost host) => host.Pool.CallToolAsync(
        "trigger-long-running-operation",
        JsonSerializer.SerializeToElement(new { duration = 5, steps = 1 }),
        new CallOptions { Mode = CallMode.Failover });
}
