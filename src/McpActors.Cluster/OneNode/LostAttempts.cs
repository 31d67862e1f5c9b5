using Akka.Actor;
using Akka.Event;
using McpActors.Clustering.Senders;
using McpActors.Connections;

namespace McpActors.Clustering.OneNode;

/// <summary>
/// Answers attempts that could not be sent to another node because no connection to it was up: a dead letter was never delivered, so
/// "not sent" is always true here. One for each actor system.
/// </summary>
internal sealed class LostAttempts : MinimalActorRef, IExtension
{
    private LostAttempts(ExtendedActorSystem system)
    {
        Provider = system.Provider;
        Path = system.DeadLetters.Path / "mcp-lost-attempts";
        system.EventStream.Subscribe(this, typeof(DeadLetter));
    }

    public override ActorPath Path { get; }

    public override IActorRefProvider Provider { get; }

    public static LostAttempts For(ActorSystem system) => system.WithExtension<LostAttempts, Factory>();

    protected override void TellInternal(object message, IActorRef sender)
    {
        if (message is not DeadLetter letter || FromAnotherNode.Open(letter.Message) is not SharedAttempt attempt)
            return;
        var result = AttemptResult.NotSent(AttemptCause.NotConnected, "the node that has its connection cannot be reached");
        letter.Sender.Tell(new AttemptEnded(attempt.Id, result));
    }

    private sealed class Factory : ExtensionIdProvider<LostAttempts>
    {
        public override LostAttempts CreateExtension(ExtendedActorSystem system) => new(system);
    }
}
