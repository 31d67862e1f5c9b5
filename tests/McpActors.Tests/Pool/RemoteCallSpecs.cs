using Akka.Actor;
using Akka.TestKit;
using McpActors.Pool;
using Xunit;

namespace McpActors.Tests.Pool;

/// <summary>Waiting for a pool in another process, represented by a probe, in virtual time.</summary>
public sealed class RemoteCallSpecs() : VirtualTimeSpec(OwnSerializer)
{
    // A pool in another process needs one; nothing is serialized here.
    private const string OwnSerializer = """ akka.actor.serialization-bindings { "McpActors.Execute, McpActors" = bytes } """;

    private static readonly TimeSpan Time = TimeSpan.FromSeconds(30);
    private static readonly CallTool Call = new("work", Options: new CallOptions { CallId = "7" });

    private readonly TaskCompletionSource<CallReply> _reply = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public async Task The_pools_answer_is_the_answer()
    {
        var (pool, _) = await StartAsync();
        var answer = new CallFailed(new PoolError(PoolErrorKind.ServerError, "broken"), [], TimeSpan.Zero);

        pool.Reply(answer);

        Assert.Same(answer, await _reply.Task.WaitAsync(PoolHost.Patience));
    }

    [Fact]
    public async Task A_call_whose_pool_stops_may_have_run()
    {
        var (pool, _) = await StartAsync();

        Sys.Stop(pool.Ref);

        await AssertMayHaveRunAsync("its node left");
    }

    [Fact]
    public async Task A_call_whose_own_system_ends_may_have_run()
    {
        var (_, waiting) = await StartAsync();

        Sys.Stop(waiting);

        await AssertMayHaveRunAsync("the actor system that asked it ended");
    }

    [Fact]
    public async Task A_call_without_an_answer_in_its_time_and_the_transit_time_may_have_run()
    {
        await StartAsync();

        Pass(Time);
        Assert.False(_reply.Task.IsCompleted);
        Pass(TimeSpan.FromSeconds(5));

        await AssertMayHaveRunAsync("has not answered within 00:00:35");
    }

    [Fact]
    public async Task A_cancel_goes_to_the_pool_and_the_reply_to_the_cancel_is_not_the_answer()
    {
        var (pool, waiting) = await StartAsync();

        waiting.Tell(RemoteCall.Cancel.Instance);

        Assert.Equal("7", (await pool.ExpectMsgAsync<CancelCall>()).CallId);
        pool.Reply(new CommandRefused("no call with the id 7 is running"));
        pool.Reply(CommandAccepted.Instance);
        var answer = new CallFailed(new PoolError(PoolErrorKind.Cancelled, "cancelled"), [], TimeSpan.Zero);
        pool.Reply(answer);
        Assert.Same(answer, await _reply.Task.WaitAsync(PoolHost.Patience));
    }

    [Fact]
    public async Task A_query_without_an_answer_ends_with_a_time_out_of_the_base_library()
    {
        var pool = new McpPool(Sys, CreateTestProbe().Ref, queryTimeout: TimeSpan.FromMilliseconds(50));

        var error = await Assert.ThrowsAsync<TimeoutException>(() => pool.GetStatusAsync(CancellationToken.None));

        Assert.Contains("did not answer", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, null, 600)]
    [InlineData(5, null, 9)]
    [InlineData(5, 40, 44)]
    public async Task A_call_waits_as_long_as_the_pool_may_take_and_sets_no_time_limit_of_its_own(
        int? timeout, int? maxTimeout, int stillWaiting)
    {
        var remote = CreateTestProbe();
        var options = new CallOptions
        {
            Timeout = timeout is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            MaxTimeout = maxTimeout is { } most ? TimeSpan.FromSeconds(most) : null,
        };

        var reply = new McpPool(Sys, new RemotePool(remote)).SendAsync(new CallTool("work", null, options), CancellationToken.None);

        var sent = (await remote.ExpectMsgAsync<CallTool>()).Options!;
        Assert.Equal((options.Timeout, options.MaxTimeout), (sent.Timeout, sent.MaxTimeout));
        Pass(TimeSpan.FromSeconds(stillWaiting));
        await HandledAsync(remote.LastSender);
        Assert.False(reply.IsCompleted);
        var answer = new CallFailed(new PoolError(PoolErrorKind.ServerError, "broken"), [], TimeSpan.Zero);
        remote.Reply(answer);
        Assert.Same(answer, await reply.WaitAsync(PoolHost.Patience));
    }

    private async Task<(TestProbe Pool, IActorRef Waiting)> StartAsync()
    {
        var pool = CreateTestProbe();
        var waiting = Sys.ActorOf(RemoteCall.Props(pool.Ref, Call, Time, _reply));
        Assert.Same(Call, await pool.ExpectMsgAsync<CallTool>());
        return (pool, waiting);
    }

    private async Task AssertMayHaveRunAsync(string why)
    {
        var failed = Assert.IsType<CallFailed>(await _reply.Task.WaitAsync(PoolHost.Patience));
        Assert.Equal(PoolErrorKind.OutcomeUnknown, failed.Error.Kind);
        Assert.Contains(why, failed.Error.Message, StringComparison.Ordinal);
    }

    /// <summary>A pool in another process, represented by a probe.</summary>
    private sealed class RemotePool(TestProbe pool) : MinimalActorRef
    {
        public override ActorPath Path { get; } = new RootActorPath(new Address("akka.tcp", "other", "other", 1)) / "user" / "pool";

        public override IActorRefProvider Provider => throw new NotSupportedException();

        public override bool IsLocal => false;

        protected override void TellInternal(object message, IActorRef sender) => pool.Ref.Tell(message, sender);
    }
}
