using System.Diagnostics;
using System.Text.Json;

namespace McpActors.Chaos.Cluster;

/// <summary>One node: the worker in a process of its own, at the same two ports in every life.</summary>
/// <param name="program">The worker's McpActors.Host.dll.</param>
/// <param name="configuration">Its configuration file.</param>
/// <param name="port">The port of its API.</param>
/// <param name="clusterHost">The host at which the other nodes reach it.</param>
/// <param name="clusterPort">The port at which the other nodes reach it.</param>
/// <param name="log">The file for its output.</param>
/// <param name="leisure">The factor of the time limits of its answers.</param>
internal sealed class NodeProcess(
    string program, string configuration, int port, string clusterHost, int clusterPort, string log, int leisure) : IDisposable
{
    private static readonly TimeSpan EndTime = TimeSpan.FromMinutes(5);

    private readonly HttpClient _client = new(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(1) * leisure })
    {
        BaseAddress = new Uri($"http://127.0.0.1:{port}"),
        Timeout = TimeSpan.FromSeconds(2) * leisure,
    };

    private Process? _process;

    public string Name { get; } = $"{clusterHost}:{clusterPort}";

    public Uri Address { get; } = new($"http://127.0.0.1:{port}");

    /// <summary>Whether the node accepts calls, by the last health check.</summary>
    public volatile bool IsReady;

    public void Start()
    {
        var start = new ProcessStartInfo("dotnet", [program, "--config", configuration, "--urls", $"http://127.0.0.1:{port}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["MCP_ACTORS_CLUSTER_PORT"] = $"{clusterPort}";
        _process = Process.Start(start)!;
        _ = CopyAsync(_process.StandardOutput);
        _ = CopyAsync(_process.StandardError);
    }

    /// <summary>Sends a signal to the process.</summary>
    public void Signal(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{_process!.Id}"]);
        kill.WaitForExit();
    }

    /// <summary>Waits for the end of the process; false when it did not end in time.</summary>
    public async Task<bool> EndedAsync()
    {
        using var patience = new CancellationTokenSource(EndTime);
        try
        {
            await _process!.WaitForExitAsync(patience.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Checks whether it is ready, like a load balancer.</summary>
    public async Task CheckAsync()
    {
        try
        {
            using var reply = await _client.GetAsync(new Uri("/health/ready", UriKind.Relative));
            IsReady = reply.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            IsReady = false;
        }
    }

    /// <summary>The status of its servers by name; null when it does not answer.</summary>
    public async Task<IReadOnlyDictionary<string, (string Status, string? Node, int InFlight)>?> ServersAsync()
    {
        try
        {
            using var status = JsonDocument.Parse(await _client.GetStringAsync(new Uri("/api/status", UriKind.Relative)));
            return status.RootElement.GetProperty("servers").EnumerateArray().ToDictionary(
                server => server.GetProperty("name").GetString()!,
                server => (server.GetProperty("status").GetString()!,
                    server.TryGetProperty("node", out var node) ? node.GetString() : null,
                    server.GetProperty("inFlight").GetInt32()));
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException or JsonException)
        {
            return null;
        }
    }

    /// <summary>The number of members that it can reach, including itself.</summary>
    public async Task<int> ReachesAsync()
    {
        try
        {
            using var status = JsonDocument.Parse(await _client.GetStringAsync(new Uri("/api/cluster", UriKind.Relative)));
            return status.RootElement.GetProperty("nodes").EnumerateArray()
                .Count(node => node.GetProperty("state").GetString() == "Up" && node.GetProperty("reachable").GetBoolean());
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException or JsonException)
        {
            return 0;
        }
    }

    public void Dispose()
    {
        _client.Dispose();
        if (_process is { HasExited: false })
            _process.Kill(entireProcessTree: true);
        _process?.Dispose();
    }

    private async Task CopyAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (this)
                File.AppendAllText(log, line + Environment.NewLine);
        }
    }
}
