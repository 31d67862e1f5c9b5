using System.Diagnostics;
using System.Globalization;
using Akka.Actor;
using McpActors.Balancing;
using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Pool;
using McpActors.Resilience;
using McpActors.Transports;

namespace McpActors.Benchmarks.Reload;

/// <summary>
/// A change of the configuration that replaces every server, by the number of servers: how long the pool and its router have no time for
/// calls. The servers are actors that report that they are connected; a reload that is linear costs the same for each of them.
/// </summary>
internal static class ReloadCommand
{
    private const int Rounds = 5;

    private static readonly int[] Sizes = [1000, 10_000];
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    public static async Task RunAsync()
    {
        Console.WriteLine("| servers | the fastest reload, ms | for each server, µs |");
        Console.WriteLine("|---:|---:|---:|");
        var costs = new List<double>();
        foreach (var size in Sizes)
        {
            var fastest = await FastestAsync(size);
            costs.Add(fastest.TotalMicroseconds / size);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"| {size} | {fastest.TotalMilliseconds:0} | {fastest.TotalMicroseconds / size:0.0} |"));
        }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"A server costs {costs[^1] / costs[0]:0.00} times as much."));
    }

    private static async Task<TimeSpan> FastestAsync(int servers)
    {
        using var system = ActorSystem.Create("reload", "akka.loglevel = OFF");
        var memory = new MemoryServers();
        var services = new PoolServices(
            Settings(servers, round: 0),
            settings => new Connector(settings, new TransportFactory(memory, settings, null), null),
            Strategies.BuiltIn,
            seed: 1)
        {
            Node = new Node(),
        };
        var pool = system.ActorOf(PoolActor.Props(services), "mcp-pool");
        await pool.Ask<PoolStatus>(GetPoolStatus.Instance, Patience);
        var fastest = TimeSpan.MaxValue;
        for (var round = 1; round <= Rounds; round++)
        {
            var settings = Settings(servers, round);
            var stopped = Silent.StoppedAsync(servers);
            var start = Stopwatch.GetTimestamp();
            var reply = await pool.Ask<CommandReply>(new ApplyConfiguration(settings), Patience);
            if (reply is CommandRefused refused)
                throw new InvalidOperationException(refused.Reason);
            await stopped.WaitAsync(Patience);
            // The router answers when it has taken in what the pool sent before.
            await pool.Ask<PoolStatus>(GetPoolStatus.Instance, Patience);
            var took = Stopwatch.GetElapsedTime(start);
            fastest = took < fastest ? took : fastest;
        }
        await system.Terminate();
        return fastest;
    }

    private static PoolSettings Settings(int servers, int round) => new()
    {
        CloseTimeout = TimeSpan.FromSeconds(5 + round),
        Servers =
        [
            .. Enumerable.Range(0, servers).Select(i => new ServerSettings
            {
                Name = $"server-{i}", Uri = new Uri($"http://localhost/{i}"), Placement = ServerPlacement.OneNode,
            }),
        ],
    };

    private sealed class Node : IPoolNode
    {
        public Props Nodes => Props.Create<Deaf>();

        public Props SharedSettings => Props.Create<Deaf>();

        public Props OneNodeServer(KnownServer server, PoolSettings pool, OperatorIntent intent) => Props.Create<Silent>();

        public string? RefusalOf(ServerSettings shared, IEnumerable<ServerSettings> own) => null;

        public Address? AnotherNode(int choice) => null;
    }

    private sealed class Deaf : ReceiveActor
    {
        public Deaf() => ReceiveAny(_ => { });
    }

    /// <summary>In place of a circuit: connected at once, closed when it is retired.</summary>
    private sealed class Silent : ReceiveActor
    {
        private static int _left;
        private static TaskCompletionSource _stopped = new();

        public Silent()
        {
            Receive<CircuitCommand>(_ => Report(ServerStatus.Disconnected));
            ReceiveAny(_ => { });
        }

        /// <summary>Completes when so many have stopped.</summary>
        public static Task StoppedAsync(int count)
        {
            _stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Volatile.Write(ref _left, count);
            return _stopped.Task;
        }

        protected override void PreStart() => Report(ServerStatus.Connected);

        protected override void PostStop()
        {
            if (Interlocked.Decrement(ref _left) == 0)
                _stopped.TrySetResult();
        }

        private static void Report(ServerStatus status) => Context.Parent.Tell(new ServerReport(
            new ConnectionReport { Status = status, Closed = status == ServerStatus.Disconnected }, CircuitState.Closed, "", null, false));
    }
}
