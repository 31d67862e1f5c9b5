using Akka.Actor;
using Akka.Event;
using McpActors.Clustering.OneNode;
using McpActors.Connections;

namespace McpActors.Pool;

/// <summary>
/// Answers the calls that reach no pool any more, so that no caller waits for ever: those in the mailbox of a pool that stopped, those sent to it afterwards, and what
/// was to go to another node while there was no connection to it. One for each actor system, and no actor: those are gone while a system still ends, with remoting for
/// seconds.
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
        new(new PoolError(PoolErrorKind.NoServerAvailable, "The pool has stopped or cannot be reached; the call was not sent."), [], TimeSpan.Zero);

    public override ActorPath Path { get; }

    public override IActorRefProvider Provider { get; }

    public static LostCalls For(ActorSystem system) => system.WithExtension<LostCalls, Factory>();

    protected override void TellInternal(object message, IActorRef sender)
    {
        if (message is not DeadLetter letter)
            return;
        // What has been written to a connection, or taken out of a mailbox, is no dead letter.
        if (letter.Message is PoolCall or PassedOn)
            letter.Sender.Tell(Answer);
        else if (letter.Message is SharedAttempt attempt)
            letter.Sender.Tell(new AttemptEnded(attempt.Id, AttemptResult.NotSent(AttemptCause.NotConnected, "the node that has its connection cannot be reached")));
    }

    private sealed class Factory : ExtensionIdProvider<LostCalls>
    {
        public override LostCalls CreateExtension(ExtendedActorSystem system) => new(system);
    }
}
