using Akka.Actor;

namespace McpActors.Pool;

/// <summary>
/// One call to a pool in another process. The pool keeps the deadline and answers every call, but its node may stop, or the answer may be
/// lost on the way: the caller then gets <see cref="PoolErrorKind.OutcomeUnknown"/>.
/// <code>
///   Waiting ──reply | the pool's node stops | time is up | the own system ends──▶ (stopped)
/// </code>
/// </summary>
internal sealed class RemoteCall : ReceiveActor, IWithTimers
{
    private sealed record TimeUp : INoSerializationVerificationNeeded;

    /// <summary>Cancels the call; the reply still comes.</summary>
    public sealed record Cancel : INoSerializationVerificationNeeded
    {
        public static Cancel Instance { get; } = new();
    }

    /// <summary>The time for the way there and back, beyond the call's own limit.</summary>
    private static readonly TimeSpan Travel = TimeSpan.FromSeconds(5);

    private readonly IActorRef _pool;
    private readonly PoolCall _call;
    private readonly TimeSpan _time;
    private readonly TaskCompletionSource<CallReply> _reply;
    private readonly ClockTimer _timer;

    public RemoteCall(IActorRef pool, PoolCall call, TimeSpan time, TaskCompletionSource<CallReply> reply)
    {
        (_pool, _call, _time, _reply) = (pool, call, time, reply);
        _timer = new ClockTimer(this, PoolClock.Of(Context.System), new TimeUp());

        Receive<Cancel>(_ => _pool.Tell(new CancelCall(_call.Options!.CallId!)));
        Receive<CallReply>(End);
        Receive<Terminated>(_ => End(Lost("stopped, or its node left or cannot be reached")));
        Receive<TimeUp>(_ => OnTimeUp());
        // The pool's reply to the cancel.
        ReceiveAny(_ => { });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(IActorRef pool, PoolCall call, TimeSpan time, TaskCompletionSource<CallReply> reply) =>
        Akka.Actor.Props.Create(() => new RemoteCall(pool, call, time, reply));

    private void OnTimeUp()
    {
        if (_timer.IsDue())
            End(Lost($"has not answered within {_time + Travel}"));
    }

    private void End(CallReply reply)
    {
        _reply.TrySetResult(reply);
        Context.Stop(Self);
    }

    private CallFailed Lost(string why) => new(
        new PoolError(
            PoolErrorKind.OutcomeUnknown,
            $"The pool at {_pool.Path.Address} {why}; the call was sent to it and may have run. Find out before you repeat it.")
        {
            MayHaveRun = true,
        },
        [],
        _time);

    protected override void PreStart()
    {
        Context.Watch(_pool);
        _timer.Start(_time + Travel);
        _pool.Tell(_call);
    }

    // The call was sent in PreStart, so it may have run.
    protected override void PostStop() => _reply.TrySetResult(Lost("had not answered when the actor system that asked it ended"));
}
