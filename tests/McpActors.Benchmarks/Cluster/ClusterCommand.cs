using System.Globalization;
using System.Text.Json;
using Akka.Actor;
using Akka.Cluster.Tools.Client;
using Akka.Hosting;
using McpActors.Benchmarks.Measuring;
using McpActors.Clustering;
using McpActors.Configuration;
using McpActors.Hosting;
using McpActors.Pool;
using McpActors.Transports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace McpActors.Benchmarks.Cluster;

/// <summary>
/// The cost of a call between nodes: the same call to a server in memory, in the ways of docs/cluster.md. Two nodes and an outside client,
/// each an actor system of its own with real sockets on loopback, all in this process: messages are serialized and sent, but on the same
/// processor.
/// </summary>
internal static class ClusterCommand
{
    private const string Tool = "echo";
    private const int Passes = 16;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly int[] Callers = [1, 64];

    public static async Task RunAsync()
    {
        var memory = new MemoryServers();
        string[] names = ["every", .. Enumerable.Range(1, 8).Select(number => $"one-{number}")];
        foreach (var name in names)
            memory.Add(name).Tool(Tool, call => call["text"].GetString());
        var settings = new PoolSettings
        {
            Servers = [.. names.Select(name => new ServerSettings
            {
                Name = name,
                Uri = new Uri($"memory://{name}"),
                Placement = name == "every" ? ServerPlacement.EveryNode : ServerPlacement.OneNode,
            })],
        };
        using var first = await StartNodeAsync(settings, memory, null);
        var here = Akka.Cluster.Cluster.Get(SystemOf(first)).SelfAddress;
        using var second = await StartNodeAsync(settings, memory, here);
        using var outside = await StartAsync("outside", akka => akka
            .AddHocon(
                "akka { actor.provider = remote, remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0, maximum-frame-size = 20 MiB } }",
                HoconAddMode.Prepend)
            .WithMcpPoolMessages());

        var pool = PoolOf(first);
        var (mine, theirs) = await PlacedAsync(pool, here);
        var there = Akka.Cluster.Cluster.Get(SystemOf(second)).SelfAddress;
        var theirPool = await SystemOf(first).ActorSelection(new RootActorPath(there) / "user" / "mcp-pool").ResolveOne(Patience);
        var remote = theirPool.ToMcpPool(SystemOf(first));
        var client = SystemOf(outside).ActorOf(ClusterClient.Props(
            ClusterClientSettings.Create(SystemOf(outside)).WithInitialContacts([new RootActorPath(here) / "system" / "receptionist"])));

        var arguments = JsonSerializer.SerializeToElement(new { text = "one line of text, as a small tool would get" });
        Variant[] variants =
        [
            new("own pool, own connection", () => CallAsync(pool, arguments, "every")),
            new("own pool, one-node server on this node", () => CallAsync(pool, arguments, mine)),
            new("own pool, one-node server on another node", () => CallAsync(pool, arguments, theirs)),
            new("pool of another node", () => CallAsync(remote, arguments, "every")),
            new("ClusterClient", async () =>
            {
                var reply = await client.Ask<object>(
                    new ClusterClient.Send("/user/mcp-pool", new CallTool(Tool, arguments, new CallOptions { Server = "every" })),
                    Patience);
                if (reply is not CallCompleted)
                    throw new InvalidOperationException($"a call failed: {reply}");
            }),
        ];
        var comparison = new Comparison(variants);
        await comparison.WarmUpAsync();
        Console.WriteLine("| | callers | calls a second | by the first | more than the first, µs | p50 µs | p99 µs |");
        Console.WriteLine("|---|---:|---:|---:|---:|---:|---:|");
        foreach (var callers in Callers)
        {
            foreach (var row in await comparison.MeasureAsync(callers, Passes))
            {
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {row.Variant} | {callers} | {row.Medians.PerSecond:0} | {row.Ratio:0.00} | {row.MoreThanFirst:0} "
                    + $"| {row.Medians.P50:0} | {row.Medians.P99:0} |"));
            }
        }
        foreach (var host in new[] { outside, second, first })
            await host.StopAsync();
    }

    private static async Task CallAsync(IMcpPool pool, JsonElement arguments, string server) =>
        await pool.CallToolAsync(Tool, arguments, new CallOptions { Server = server }, CancellationToken.None);

    // Sharding spreads the servers evenly, so that each node has some of the eight.
    private static async Task<(string Here, string There)> PlacedAsync(IMcpPool pool, Address here)
    {
        using var patience = new CancellationTokenSource(Patience);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        var me = $"{here.Host}:{here.Port}";
        while (true)
        {
            var servers = (await pool.GetStatusAsync(patience.Token)).Servers;
            var placed = servers.Where(server => server.Node is not null).ToArray();
            if (servers.All(server => server.Status == ServerStatus.Connected)
                && placed.FirstOrDefault(server => server.Node == me) is { } mine
                && placed.FirstOrDefault(server => server.Node != me) is { } theirs && placed.Count(server => server.Node == me) is 4)
            {
                return (mine.Name, theirs.Name);
            }
            await tick.WaitForNextTickAsync(patience.Token);
        }
    }

    private static async Task<IHost> StartNodeAsync(PoolSettings settings, MemoryServers memory, Address? seed)
    {
        var host = await StartAsync("mcp-actors", akka => akka
            .WithMcpCluster(new McpClusterSettings { Port = 0, SeedNodes = seed is null ? [] : [$"{seed.Host}:{seed.Port}"] })
            .WithMcpPool(settings, options => options.MemoryServers = memory));
        if (seed is null)
            Akka.Cluster.Cluster.Get(SystemOf(host)).Join(Akka.Cluster.Cluster.Get(SystemOf(host)).SelfAddress);
        return host;
    }

    private static async Task<IHost> StartAsync(string name, Action<AkkaConfigurationBuilder> configure)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddAkka(name, akka =>
        {
            akka.ConfigureLoggers(loggers => loggers.ClearLoggers()).AddHocon("akka.stdout-loglevel = off", HoconAddMode.Prepend);
            configure(akka);
        });
        builder.Services.AddMcpPoolClient();
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    private static ActorSystem SystemOf(IHost host) => host.Services.GetRequiredService<ActorSystem>();

    private static IMcpPool PoolOf(IHost host) => host.Services.GetRequiredService<IMcpPool>();
}
