using McpActors.Configuration;
using McpActors.Transports;
using ModelContextProtocol.Client;

namespace McpActors.Benchmarks.SideBySide;

/// <summary>The memory of a connected idle server: with the SDK's client alone, and in the pool.</summary>
internal static class IdleServers
{
    private const int Servers = 500;

    public static async Task<IdleFigures> MeasureAsync()
    {
        // Creates everything that all servers share before the count begins.
        var memory = new MemoryServers();
        await using var pool = await RunningPool.StartAsync(new PoolSettings { Servers = [Settings(memory, "first")] }, memory);
        var first = await ConnectAsync(memory, "first");

        var before = Memory();
        var clients = new List<McpClient>();
        for (var i = 0; i < Servers; i++)
        {
            CallVariants.Offer(memory.Add($"direct-{i}"));
            clients.Add(await ConnectAsync(memory, $"direct-{i}"));
        }
        var direct = Memory() - before;

        before = Memory();
        for (var i = 0; i < Servers; i++)
            await pool.Pool.CommandAsync(new AddServer(Settings(memory, $"pool-{i}")), CancellationToken.None);
        await pool.UntilConnectedAsync();
        var pooled = Memory() - before;

        foreach (var client in clients.Append(first))
            await client.DisposeAsync();
        return new IdleFigures(Servers, (double)direct / Servers, (double)pooled / Servers);
    }

    private static ServerSettings Settings(MemoryServers memory, string name)
    {
        CallVariants.Offer(memory.Add(name));
        return new ServerSettings { Name = name, Uri = new Uri($"memory://{name}") };
    }

    // Requests the list as the pool does, because the SDK keeps a part of it.
    private static async Task<McpClient> ConnectAsync(MemoryServers memory, string name)
    {
        var client = await McpClient.CreateAsync(memory.CreateTransport(name));
        await client.ListToolsAsync();
        return client;
    }

    private static long Memory()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
