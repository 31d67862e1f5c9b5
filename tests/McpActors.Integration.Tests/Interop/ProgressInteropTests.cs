using System.Collections.Concurrent;
using System.Text.Json;
using McpActors.Configuration;
using Xunit;

namespace McpActors.Tests.Interop;

/// <summary>Progress of long calls, as server-everything reports it.</summary>
[Collection(InteropGroup.Name)]
public sealed class ProgressInteropTests(InteropServers servers)
{
    [SkippableTheory]
    [InlineData(InteropServer.Stdio)]
    [InlineData(InteropServer.StreamableHttp)]
    public async Task Each_call_receives_only_its_own_progress(InteropServer kind)
    {
        await using var host = await PoolHost.StartAsync(new PoolSettings { Servers = [await servers.GetAsync(kind, "everything")] });
        await host.AllConnectedAsync();
        var (three, five) = (new Reports(), new Reports());

        await Task.WhenAll(
            RunAsync(host, seconds: 1, steps: 3, new CallOptions { Progress = three }),
            RunAsync(host, seconds: 1, steps: 5, new CallOptions { Progress = five }));

        Assert.All(three.Seen, report => Assert.Equal(("everything", 3d), (report.Server, report.Total!.Value)));
        Assert.All(five.Seen, report => Assert.Equal(5d, report.Total!.Value));
        // The last report and the answer are read concurrently; a report after the answer is discarded.
        Assert.Superset(new HashSet<double> { 1, 2 }, three.Seen.Select(report => report.Progress).ToHashSet());
        Assert.Superset(new HashSet<double> { 1, 2, 3, 4 }, five.Seen.Select(report => report.Progress).ToHashSet());
    }

    [SkippableFact]
    public async Task A_call_that_reports_progress_outlives_its_timeout_when_its_caller_allows_it()
    {
        await using var host = await PoolHost.StartAsync(
            new PoolSettings { Servers = [await servers.GetAsync(InteropServer.Stdio, "everything")] });
        await host.AllConnectedAsync();
        var options = new CallOptions { Timeout = TimeSpan.FromSeconds(3) };

        await PoolAssert.FailsAsync(PoolErrorKind.DeadlineExceeded, () => RunAsync(host, seconds: 6, steps: 10, options));
        var executed = await RunAsync(host, seconds: 6, steps: 10, options with { MaxTimeout = PoolHost.Patience });

        Assert.Contains("completed", executed.Text(), StringComparison.OrdinalIgnoreCase);
    }

    private static Task<CallCompleted> RunAsync(PoolHost host, int seconds, int steps, CallOptions options) =>
        host.Pool.CallToolAsync(
            "trigger-long-running-operation", JsonSerializer.SerializeToElement(new { duration = seconds, steps }), options);

    private sealed class Reports : IProgress<CallProgress>
    {
        public ConcurrentQueue<CallProgress> Seen { get; } = new();

        public void Report(CallProgress value) => Seen.Enqueue(value);
    }
}
