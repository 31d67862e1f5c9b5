using System.Globalization;
using System.Net.Sockets;
using McpActors.Chaos.Cluster;

namespace McpActors.Host.Tests.Processes;

/// <summary>Strangers at the cluster's port of a worker, which send bytes that are not messages of Akka.Remote.</summary>
public class GarbageAtClusterPortTests
{
    private const int Connections = 200;

    [Fact]
    public async Task It_costs_few_log_lines_and_the_worker_serves()
    {
        var port = FreePorts.Take(1)[0];
        await using var node = await HostProcess.DemoAsync(new()
        {
            ["MCP_ACTORS_CLUSTER_PORT"] = port.ToString(CultureInfo.InvariantCulture),
            ["MCP_ACTORS_CLUSTER_SEED_NODES"] = $"127.0.0.1:{port}",
        });
        await Eventually.TrueAsync(() => Task.FromResult(node.Log.Contains("is up in a cluster of 1", StringComparison.Ordinal)));
        var noise = new byte[4096];
        new Random(1).NextBytes(noise);
        byte[] frame = [.. BitConverter.GetBytes(noise.Length), .. noise];

        foreach (var bytes in new[] { "GET / HTTP/1.1\r\n\r\n"u8.ToArray(), frame, [] })
        {
            for (var i = 0; i < Connections; i++)
                await SendAsync(port, bytes);
        }

        await Eventually.TrueAsync(() => Task.FromResult(Lines("Error caught channel") > 0 && Lines("Error while decoding") > 0));
        Assert.Equal("ok", (await node.Client.GetAsync("/health/live")).IsSuccessStatusCode ? "ok" : "failed");
        // One of each kind a minute; the machine may be slow.
        Assert.InRange(Lines("Error caught channel"), 1, Connections / 20);
        Assert.InRange(Lines("Error while decoding"), 1, Connections / 20);

        int Lines(string words) => node.Log.Split('\n').Count(line => line.Contains(words, StringComparison.Ordinal));
    }

    // The worker closes the connection when it has read what is wrong.
    private static async Task SendAsync(int port, byte[] bytes)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", port);
        var stream = client.GetStream();
        await stream.WriteAsync(bytes);
        if (bytes.Length == 0)
            return;
        try
        {
            var read = stream.ReadAtLeastAsync(new byte[1], 1, throwOnEndOfStream: false).AsTask();
            Assert.Equal(0, await read.WaitAsync(TimeSpan.FromMinutes(1)));
        }
        catch (IOException)
        {
            // It was reset.
        }
    }
}
