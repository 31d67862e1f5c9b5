using Akka.Actor;
using McpActors.Calls;

namespace McpActors.Pool;

/// <summary>
/// A reference to tell one reply to, in place of an Ask: no timer, no temporary actor, no registration, which is a third of the cost. The pool
/// keeps the deadline itself and answers every call, so nothing more is needed in the same process. It cannot cross to another one.
/// </summary>
internal sealed class ReplyRef(IActorRefProvider provider, ActorPath path) : MinimalActorRef
{
    private readonly TaskCompletionSource<CallReply> _reply = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IActorRef? _pool;

    public override ActorPath Path => path;

    public override IActorRefProvider Provider => provider;

    public Task<CallReply> Reply => _reply.Task;

    /// <summary>Remembers whom <see cref="AskToCancel"/> asks.</summary>
    public ReplyRef CancelledThrough(IActorRef pool)
    {
        _pool = pool;
        return this;
    }

    /// <summary>Asks the pool to cancel the call this is the reply of; the reply comes all the same.</summary>
    public void AskToCancel() => _pool?.Tell(new CancelCallOf(this));

    protected override void TellInternal(object message, IActorRef sender) => _reply.TrySetResult((CallReply)message);
}
