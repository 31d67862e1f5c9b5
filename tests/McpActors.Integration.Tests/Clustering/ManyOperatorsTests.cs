using Akka.Actor;
using McpActors.Configuration;
using Xunit;

namespace McpActors.Tests.Clustering;

/// <summary>Operators at every node change the same servers at the same time, without waiting for each other.</summary>
public sealed class ManyOperatorsTests : IAsyncLifetime
{
    private const int Nodes = 3;
    private const int Commands = 60;

    /// <summary>Servers whose name begins with o have one connection in the whole cluster.</summary>
    private static readonly string[] Names = ["e1", "e2", "o1", "o2"];

    private readonly TestCluster _cluster = new(new PoolSettings
    {
        Servers = [.. Names.Select(name => Server(name, weight: 1))],
        Reconnect = new ReconnectSettings { MinBackoff = TimeSpan.FromMilliseconds(20), MaxBackoff = TimeSpan.FromMilliseconds(200) },
        DrainTimeout = TimeSpan.FromMilliseconds(200),
    });

    public async Task InitializeAsync()
    {
        foreach (var name in Names)
            _cluster.Memory.Add(name).Tool("work", () => name);
        for (var node = 0; node < Nodes; node++)
            await _cluster.AddAsync();
    }

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task All_nodes_end_with_the_same_servers_and_the_right_connections(int seed)
    {
        await Task.WhenAll(Enumerable.Range(0, Nodes).Select(node => OperateAsync(_cluster[node], new Random((seed * Nodes) + node))));

        string problems;
        using var patience = new CancellationTokenSource(PoolHost.Patience);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while ((problems = await ProblemsAsync()).Length > 0 && !patience.IsCancellationRequested)
            await tick.WaitForNextTickAsync();
        Assert.True(problems.Length == 0, problems);
    }

    private static async Task OperateAsync(TestNode node, Random random)
    {
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        for (var i = 0; i < Commands; i++)
        {
            var name = Names[random.Next(Names.Length)];
            await TryCommandAsync(node, random.Next(9) switch
            {
                0 => new AddServer(Server(name, random.Next(1, 100))),
                1 or 2 => new UpdateServer(Server(name, random.Next(1, 100))),
                3 => new RemoveServer(name),
                4 => new DrainServer(name),
                5 => new DisconnectServer(name),
                6 => new ConnectServer(name),
                7 => new IsolateServer(name),
                _ => new ResetCircuit(name),
            });
            // Changes of the other nodes arrive between some of the commands.
            if (random.Next(3) == 0)
                await pause.WaitForNextTickAsync();
        }
    }

    // A command that comes too late, such as the removal of a removed server, is refused, which is as good.
    private static async Task TryCommandAsync(TestNode node, PoolCommand command)
    {
        try
        {
            await node.Pool.CommandAsync(command);
        }
        catch (CommandRefusedException)
        {
        }
    }

    private async Task<string> ProblemsAsync()
    {
        var seen = await Task.WhenAll(Enumerable.Range(0, Nodes).Select(async node =>
            (await _cluster[node].Pool.GetStatusAsync()).Servers.ToDictionary(
                server => server.Name, server => (server.Weight, Isolated: server.Circuit == CircuitState.Isolated, server.Status))));
        var problems = new List<string>();
        foreach (var name in Names)
        {
            var states = seen.Select(servers => servers.TryGetValue(name, out var server) ? server.ToString() : "none").ToArray();
            var isConnected = seen[0].TryGetValue(name, out var first) && first.Status != ServerStatus.Disconnected;
            var expected = !isConnected ? 0 : name[0] == 'o' ? 1 : Nodes;
            if (states.Distinct().Count() != 1)
                problems.Add($"{name} is {string.Join(" | ", states)}");
            else if (expected > 0 && first.Status != ServerStatus.Connected)
                problems.Add($"{name} is {first}");
            if (_cluster.Memory[name].Connections != expected)
                problems.Add($"{name} has {_cluster.Memory[name].Connections} connections instead of {expected}");
        }
        for (var node = 0; node < Nodes; node++)
        {
            var pool = (ActorRefWithCell)await _cluster[node].System.ActorSelection("/user/mcp-pool").ResolveOne(PoolHost.Patience);
            var circuits = pool.Children.Select(child => child.Path.Name).Where(name => Names.Contains(name.Split('~')[0])).ToArray();
            if (circuits.Length != seen[node].Count)
                problems.Add($"node {node} has the circuits {string.Join(", ", circuits)}");
        }
        return string.Join("; ", problems);
    }

    private static ServerSettings Server(string name, int weight) => new()
    {
        Name = name,
        Uri = new Uri($"memory://{name}"),
        Weight = weight,
        Placement = name[0] == 'o' ? ServerPlacement.OneNode : ServerPlacement.EveryNode,
    };
}
