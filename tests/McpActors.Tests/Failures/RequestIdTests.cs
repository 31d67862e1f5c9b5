using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Xunit;

namespace McpActors.Tests.Failures;

/// <summary>The ids of requests as a server sees them.</summary>
public sealed class RequestIdTests
{
    [Fact]
    public async Task Every_id_fits_31_bits_and_none_comes_twice()
    {
        var ids = new ConcurrentQueue<JsonNode>();
        await using var server = await ScriptedHttpServer.StartAsync();
        server.Before = (_, message) =>
        {
            if (message["id"] is { } id)
                ids.Enqueue(id.DeepClone());
            return Task.FromResult(false);
        };
        await using var pool = await BadAndGood.StartAsync(
            server.Settings, BadAndGood.Patient with { Probe = new() { Interval = TimeSpan.FromMilliseconds(50) } }, alone: true);

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => pool.CallAsync()));
        await pool.Host.UntilAsync(_ => ids.Count > 30);

        // Probes go on adding ids.
        long[] seen = [.. ids.Select(id => id.GetValue<long>())];
        Assert.All(seen, id => Assert.InRange(id, 1, int.MaxValue));
        Assert.Equal(seen.Distinct(), seen);
    }
}
