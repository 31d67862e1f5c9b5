using McpActors.Configuration;
using Xunit;

namespace McpActors.Tests.Failures;

/// <summary>An HTTP server that does one thing at a time, through a whole pool.</summary>
public sealed class BusyServerTests
{
    [Fact]
    public async Task A_long_call_ends_well_and_others_go_elsewhere_meanwhile()
    {
        await using var server = await ScriptedHttpServer.StartAsync();
        var (release, probes) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), 0);
        server.Before = async (_, message) =>
        {
            // It may not have answered a ping yet, so nothing else is answered either.
            if ((string?)message["method"] != "tools/call" && server.Calls > 0)
            {
                Interlocked.Increment(ref probes);
                await release.Task;
            }
            return false;
        };
        server.Call = async (context, message) =>
        {
            await release.Task;
            await Scripts.Result("done")(context, message);
        };
        await using var pool = await BadAndGood.StartAsync(server.Settings, BadAndGood.Patient with
        {
            Probe = new ProbeSettings
            {
                Interval = TimeSpan.FromMilliseconds(50),
                Timeout = TimeSpan.FromSeconds(2),
                UnhealthyThreshold = 2,
            },
        });
        var pending = pool.CallAsync();

        var slow = await pool.Host.UntilAsync(status => status.Servers[0].Remarks.Count > 0 && Volatile.Read(ref probes) >= 3);
        Assert.Contains("does not answer probes while 1 call runs", Assert.Single(slow.Servers[0].Remarks), StringComparison.Ordinal);
        for (var i = 0; i < 4; i++)
            Assert.Equal("good:Succeeded => good", (await pool.CallAsync()).Story);
        release.SetResult();

        Assert.Equal("bad:Succeeded => bad", (await pending).Story);
        var bad = (await pool.Host.UntilAsync(status => status.Servers[0].Remarks.Count == 0)).Servers[0];
        Assert.Equal((ServerStatus.Connected, 0, 1), (bad.Status, bad.Restarts, server.Initialized));
        Assert.Equal("bad:Succeeded => bad", (await pool.CallAsync()).Story);
    }
}
