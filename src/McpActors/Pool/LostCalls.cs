using Akka.Actor;
using Akka.Event;

namespace McpActors.Pool;

/// <summary>
/// Answers calls that reach no pool, so that no caller waits for ever: those in the mailbox of a pool that stopped, and those sent to it
/// afterwards. One for each actor system, and not an actor: actors may be gone while the system still ends, which takes seconds with
/// remoting.
/// </summary>
internal sealed class LostCalls : MinimalActorRef, IExtension
{
    private LostCalls(ExtendedActorSystem system)
    {
        Provider = system.Provider;
        Path = system.DeadLetters.Path / "mcp-lost-calls";
        system.EventStream.Subscribe(this, typeof(DeadLetter));
    }

    public static CallFailed Answer { get; } =
        new(
            new PoolError(PoolErrorKind.NoServerAvailable, "The pool has stopped or cannot be reached; the call was not sent."),
            [],
            TimeSpan.Zero);

    public override ActorPath Path { get; }

    public override IActorRefProvider Provider { get; }

    public static LostCalls For(ActorSystem system) => system.WithExtension<LostCalls, Factory>();

    protected override void TellInternal(object message, IActorRef sender)
    {
        // A dead letter was never delivered, so "not sent" is always true here.
        if (message is DeadLetter { Message: PoolCall or PassedOn } letter)
            letter.Sender.Tell(Answer);
        // A pool that has stopped has nothing left to close.
        else if (message is DeadLetter { Message: ClosePool } close)
            close.Sender.Tell(PoolClosed.Instance);
    }

    private sealed class Factory : ExtensionIdProvider<LostCalls>
    {
        public override LostCalls CreateExtension(ExtendedActorSystem system) => new(system);
    }
}
