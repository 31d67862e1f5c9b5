using System.Diagnostics;
using System.Globalization;
using McpActors.Balancing;
using McpActors.Benchmarks.SideBySide;
using McpActors.Configuration;
using McpActors.Pool;
using McpActors.Transports;

namespace McpActors.Benchmarks.SlowServer;

/// <summary>
/// The whole pool with its defaults and ten real HTTP servers, of which one is ten times slower, under each strategy: the first
/// trouble of the simulation, with sockets. Calls arrive at random at half of the capacity of the servers if none were slow, whether or not
/// earlier ones are answered.
/// </summary>
internal static class SlowServerCommand
{
    private const int Servers = 10;
    private const int SlowFactor = 10;
    private const double Load = 0.5;
    private const int Keys = 1000;

    private static readonly TimeSpan Mean = TimeSpan.FromMilliseconds(50);

    /// <summary>Prints the table. Returns the exit code, 2 when the time cannot be parsed.</summary>
    public static async Task<int> RunAsync(string time)
    {
        if (!double.TryParse(time, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) || seconds is < 1 or > 3600)
        {
            Console.Error.WriteLine($"--seconds wants a number from 1 to 3600, not {time}");
            return 2;
        }
        Console.WriteLine("| strategy | share of the slow one, of 1 | mean ms | p50 ms | p99 ms | p99.9 ms | failed |");
        Console.WriteLine("|---|---:|---:|---:|---:|---:|---:|");
        foreach (var strategy in Strategies.BuiltIn.Keys.Order(StringComparer.Ordinal))
            Console.WriteLine(await MeasureAsync(strategy, TimeSpan.FromSeconds(seconds)));
        return 0;
    }

    private static async Task<string> MeasureAsync(string strategy, TimeSpan time)
    {
        var servers = new List<WorkServer>();
        for (var i = 0; i < Servers; i++)
            servers.Add(await WorkServer.StartAsync(i == 0 ? Mean * SlowFactor : Mean, seed: i));
        var settings = new PoolSettings
        {
            LoadBalancing = strategy,
            Servers = [.. servers.Select((server, i) => new ServerSettings { Name = $"server-{i}", Uri = server.Address })],
        };
        await using var pool = await RunningPool.StartAsync(settings, new MemoryServers());
        var calls = await CallAsync(pool.Pool, time);
        var received = servers.Select(server => server.Received).ToArray();
        foreach (var server in servers)
            await server.DisposeAsync();

        var answered = calls.Where(call => call is not null).Select(call => call!.Value.TotalMilliseconds).Order().ToArray();
        double Percentile(double part) => answered[(int)Math.Ceiling(part * answered.Length) - 1];
        var share = (double)received[0] * Servers / received.Sum();
        var failed = $"{calls.Length - answered.Length} of {calls.Length}";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| `{strategy}` | {share:0.00} | {answered.Average():0} "
            + $"| {Percentile(0.5):0} | {Percentile(0.99):0} | {Percentile(0.999):0} | {failed} |");
    }

    // Latencies, null for a call that failed.
    private static async Task<TimeSpan?[]> CallAsync(IMcpPool pool, TimeSpan time)
    {
        var random = new Random(1);
        var calls = new List<Task<TimeSpan?>>();
        var start = Stopwatch.GetTimestamp();
        for (var due = TimeSpan.Zero; due < time; due += Mean / (Load * Servers) * -Math.Log(1 - random.NextDouble()))
        {
            var early = due - Stopwatch.GetElapsedTime(start);
            if (early > TimeSpan.Zero)
                await Task.Delay(early, TimeProvider.System);
            calls.Add(OneAsync(pool, $"key {random.Next(Keys)}"));
        }
        return await Task.WhenAll(calls);
    }

    private static async Task<TimeSpan?> OneAsync(IMcpPool pool, string key)
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            await pool.CallToolAsync(WorkServer.Tool, options: new CallOptions { AffinityKey = key });
            return Stopwatch.GetElapsedTime(start);
        }
        catch (McpPoolException)
        {
            return null;
        }
    }
}
