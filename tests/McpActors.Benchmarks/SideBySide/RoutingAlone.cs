using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Akka.Actor;
using McpActors.Benchmarks.Measuring;
using McpActors.Pool;

namespace McpActors.Benchmarks.SideBySide;

/// <summary>The pool's own work for a call: everything but the connection, which answers at once.</summary>
internal static class RoutingAlone
{
    private const int Few = 10;
    private const int Many = 10_000;
    private const int Passes = 16;
    private const int StatusQueries = 31;

    private static readonly int[] Callers = [1, 64];
    private static readonly TimeSpan AskTimeout = TimeSpan.FromSeconds(30);

    public static async Task MeasureAsync(Report report)
    {
        using var system = ActorSystem.Create("routing", "akka.loglevel = WARNING");
        var few = await StartAsync(system, Few);
        var many = await StartAsync(system, Many);
        report.Status = await MeasureStatusAsync(many);
        var arguments = JsonSerializer.SerializeToElement(new { text = "hello" });
        await CompareAsync(report, "IMcpPool", few, many, pool => ByReplyRef(system, pool, new CallTool(StubPool.Tool, arguments)));
        await CompareAsync(report, "Ask", few, many, pool => () => pool.Ask<object>(new CallTool(StubPool.Tool, arguments), AskTimeout));
        await system.Terminate();
    }

    private static async Task<IActorRef> StartAsync(ActorSystem system, int servers)
    {
        var pool = system.ActorOf(StubPool.Props(servers), $"pool-of-{servers}");
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (await ConnectedAsync(pool, patience.Token) < servers)
            await tick.WaitForNextTickAsync(patience.Token);
        return pool;
    }

    private static async Task<int> ConnectedAsync(IActorRef pool, CancellationToken cancellationToken)
    {
        var status = await pool.Ask<PoolStatus>(GetPoolStatus.Instance, cancellationToken);
        return status.Servers.Count(server => server.Status == ServerStatus.Connected);
    }

    private static async Task CompareAsync(Report report, string caller, IActorRef few, IActorRef many, Func<IActorRef, Func<Task>> call)
    {
        var comparison = new Comparison([new($"{Few}", call(few)), new($"{Many}", call(many))]);
        await comparison.WarmUpAsync();
        foreach (var callers in Callers)
        {
            foreach (var row in await comparison.MeasureAsync(callers, Passes))
            {
                var servers = int.Parse(row.Variant, CultureInfo.InvariantCulture);
                report.Routing.Add(new RoutingFigures(caller, servers, callers, row.Medians, 1 / row.Ratio));
            }
        }
    }

    // As IMcpPool does it for callers in the same process.
    private static Func<Task> ByReplyRef(ActorSystem system, IActorRef pool, CallTool call)
    {
        var provider = ((ExtendedActorSystem)system).Provider;
        return () =>
        {
            var reply = new ReplyRef(provider, provider.DeadLetters.Path);
            pool.Tell(call, reply);
            return reply.Reply;
        };
    }

    private static async Task<StatusFigures> MeasureStatusAsync(IActorRef pool)
    {
        var times = new List<double>();
        for (var i = 0; i < StatusQueries; i++)
        {
            var start = Stopwatch.GetTimestamp();
            await pool.Ask<PoolStatus>(GetPoolStatus.Instance, AskTimeout);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
        times.Sort();
        return new StatusFigures(Many, times[times.Count / 2], times[^1]);
    }
}
