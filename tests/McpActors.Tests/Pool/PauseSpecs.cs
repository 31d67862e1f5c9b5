using Akka.Actor;
using McpActors.Balancing;
using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Pool;
using McpActors.Transports;
using Xunit;

namespace McpActors.Tests.Pool;

/// <summary>The time limits around a pool while the process is stopped for a minute, and what people read when the clock is set.</summary>
public sealed class PauseSpecs() : VirtualTimeSpec(OnOwnMachine)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly MemoryServers _memory = new();
    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public async Task A_pool_that_closes_waits_for_the_rest_of_the_drain_time()
    {
        _memory.Add("a").Tool("work", async (_, _) =>
        {
            await _release.Task;
            return "done";
        });
        var settings = PoolHost.Settings("a") with { DrainTimeout = TimeSpan.FromSeconds(10) };
        var pool = await StartAsync(settings);
        var caller = CreateTestProbe();
        pool.Tell(new CallTool("work"), caller);
        await UntilAsync(() => _memory["a"].Received("work") == 1);
        pool.Tell(new ClosePool(), caller);
        await HandledAsync(pool);

        Machine.StopProcess(Minute);
        await HandledAsync(pool);
        Pass(TimeSpan.FromSeconds(9));
        await HandledAsync(pool);
        _release.SetResult();

        await caller.ExpectMsgAsync<CallCompleted>(PoolHost.Patience);
        await caller.ExpectMsgAsync<PoolClosed>(PoolHost.Patience);
    }

    [Fact]
    public async Task Events_show_the_time_that_people_read()
    {
        _memory.Add("a").Tool("work", () => throw new InvalidOperationException("broken"));
        _memory.Add("b").Tool("work", () => "done");
        var pool = await StartAsync(PoolHost.Settings("a", "b"));
        var subscriber = CreateTestProbe();
        pool.Tell(new SubscribeToPool(subscriber));
        await subscriber.ExpectMsgAsync<PoolStatus>(PoolHost.Patience);

        Machine.SetClock(TimeSpan.FromHours(1));
        pool.Tell(new CallTool("work", null, new CallOptions { Idempotent = true, Mode = CallMode.Failover }));

        var moved = await subscriber.FishForMessageAsync<CallFailedOver>(_ => true, PoolHost.Patience);
        Assert.Equal(PoolClock.Of(Sys).WallTime, moved.At);
    }

    [Fact]
    public async Task A_caller_in_another_process_waits_for_the_rest_of_its_time()
    {
        var pool = CreateTestProbe();
        var reply = new TaskCompletionSource<CallReply>(TaskCreationOptions.RunContinuationsAsynchronously);
        var waiting = Sys.ActorOf(RemoteCall.Props(pool, new CallTool("work"), TimeSpan.FromSeconds(30), reply));
        await pool.ExpectMsgAsync<CallTool>();

        Machine.StopProcess(Minute);
        await HandledAsync(waiting);
        Pass(TimeSpan.FromSeconds(34));
        await HandledAsync(waiting);
        Assert.False(reply.Task.IsCompleted);
        Pass(TimeSpan.FromSeconds(1));

        Assert.Equal(PoolErrorKind.OutcomeUnknown, Assert.IsType<CallFailed>(await reply.Task.WaitAsync(PoolHost.Patience)).Error.Kind);
    }

    private async Task<IActorRef> StartAsync(PoolSettings settings)
    {
        var services = new PoolServices(
            settings, current => new Connector(current, new TransportFactory(_memory, current, null), null), Strategies.BuiltIn, seed: 1);
        var pool = Sys.ActorOf(PoolActor.Props(services), "mcp-pool");
        await UntilAsync(async () => (await pool.Ask<PoolStatus>(GetPoolStatus.Instance)).Servers.All(
            server => server is { Status: ServerStatus.Connected, Tools: not null }));
        return pool;
    }
}
