using Akka.Actor;
using McpActors.Balancing;
using McpActors.Connections;
using McpActors.Pool;
using McpActors.Transports;
using Xunit;

namespace McpActors.Tests.Pool;

/// <summary>A pool that is closed, in virtual time: events end it, not a time limit.</summary>
public sealed class ClosingSpecs : VirtualTimeSpec
{
    private readonly MemoryServers _memory = new();
    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_pool_is_closed_as_soon_as_running_calls_have_ended_and_every_connection_is_closed(bool removed)
    {
        var probe = CreateTestProbe();
        var (pool, server) = await StartWithCallAsync(probe);
        if (removed)
        {
            pool.Tell(new RemoveServer("a"), probe);
            await probe.ExpectMsgAsync<CommandAccepted>(PoolHost.Patience);
        }

        pool.Tell(new ClosePool(), probe);
        await HandledAsync(pool);
        _release.SetResult();

        await probe.ExpectMsgAsync<CallCompleted>(PoolHost.Patience);
        await probe.ExpectMsgAsync<PoolClosed>(PoolHost.Patience);
        Assert.Equal(0, server.Connections);
    }

    [Fact]
    public async Task A_router_that_crashes_while_the_pool_closes_takes_no_calls_either_and_the_pool_is_closed()
    {
        var probe = CreateTestProbe();
        var (pool, _) = await StartWithCallAsync(probe);
        pool.Tell(new ClosePool(), probe);
        await HandledAsync(pool);

        var router = (IInternalActorRef)await Sys.ActorSelection(pool.Path / "router").ResolveOne(PoolHost.Patience);
        router.Suspend();
        router.Restart(new InvalidOperationException("crash"));

        Assert.Equal(PoolErrorKind.OutcomeUnknown, (await probe.ExpectMsgAsync<CallFailed>(PoolHost.Patience)).Error.Kind);
        await probe.ExpectMsgAsync<PoolClosed>(PoolHost.Patience);
        pool.Tell(new CallTool("work"), probe);
        var refused = await probe.ExpectMsgAsync<CallFailed>(PoolHost.Patience);
        Assert.Contains("shutting down", refused.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pool_that_crashes_while_it_closes_stays_closed()
    {
        var probe = CreateTestProbe();
        var (pool, server) = await StartWithCallAsync(probe);
        pool.Tell(new ClosePool(), probe);
        await HandledAsync(pool);

        var cell = (IInternalActorRef)pool;
        cell.Suspend();
        cell.Restart(new InvalidOperationException("crash"));

        Assert.Equal(PoolErrorKind.OutcomeUnknown, (await probe.ExpectMsgAsync<CallFailed>(PoolHost.Patience)).Error.Kind);
        await probe.ExpectMsgAsync<PoolClosed>(PoolHost.Patience);
        pool.Tell(new CallTool("work"), probe);
        var refused = await probe.ExpectMsgAsync<CallFailed>(PoolHost.Patience);
        Assert.Contains("shutting down", refused.Error.Message, StringComparison.Ordinal);
        pool.Tell(new ClosePool(), probe);
        await probe.ExpectMsgAsync<PoolClosed>(PoolHost.Patience);
        await UntilAsync(() => server.Connections == 0);
        Assert.Equal(1, server.Received("server/discover"));
    }

    /// <summary>A pool whose only server executes a call of this caller until the test releases it.</summary>
    private async Task<(IActorRef Pool, MemoryServer Server)> StartWithCallAsync(IActorRef caller)
    {
        var server = _memory.Add("a").Tool("work", async (_, _) =>
        {
            await _release.Task;
            return "done";
        });
        var services = new PoolServices(
            PoolHost.Settings("a"),
            settings => new Connector(settings, new TransportFactory(_memory, settings, null), null),
            Strategies.BuiltIn,
            seed: 1);
        var pool = Sys.ActorOf(PoolActor.Props(services), "mcp-pool");
        await UntilAsync(
            async () => (await pool.Ask<PoolStatus>(GetPoolStatus.Instance)).Servers.All(
                server => server is { Status: ServerStatus.Connected, Tools: not null }));
        pool.Tell(new CallTool("work"), caller);
        await UntilAsync(() => server.Received("work") == 1);
        return (pool, server);
    }
}
