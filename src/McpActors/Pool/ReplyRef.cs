using Akka.Actor;
using McpActors.Calls;

namespace McpActors.Pool;

/// <summary>
/// Receives the one reply to a call, in place of an Ask: no timer, no temporary actor, no registration, which saves a third of the cost.
/// The pool keeps the deadline and answers every call, so the same process needs nothing more. It cannot cross to another process.
/// </summary>
internal sealed class ReplyRef(IActorRefProvider provider, ActorPath path) : MinimalActorRef
{
    private readonly TaskCompletionSource<CallReply> _reply = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IActorRef? _pool;

    public override ActorPath Path => path;

    public override IActorRefProvider Provider => provider;

    public Task<CallReply> Reply => _reply.Task;

    /// <summary>Sets the pool that <see cref="AskToCancel"/> asks.</summary>
    public ReplyRef CancelledThrough(IActorRef pool)
    {
        _pool = pool;
        return this;
    }

    /// <summary>Asks the pool to cancel the call; the reply still comes.</summary>
    public void AskToCancel() => _pool?.Tell(new CancelCallOf(this));

    protected override void TellInternal(object message, IActorRef sender) => _reply.TrySetResult((CallReply)message);
}
