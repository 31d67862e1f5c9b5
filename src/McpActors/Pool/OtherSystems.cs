using Akka.Actor;

namespace McpActors.Pool;

/// <summary>Senders in other actor systems.</summary>
internal static class OtherSystems
{
    /// <summary>
    /// Whether a message came from another system, or can have: with remoting, any process can send a message without a sender.
    /// </summary>
    public static bool Sent(ActorSystem system, IActorRef sender)
    {
        var own = ((ExtendedActorSystem)system).Provider.DefaultAddress;
        if (IsMissing(system, sender))
            return !own.HasLocalScope;
        return !sender.Path.Address.HasLocalScope && sender.Path.Address != own;
    }

    /// <summary>Whether a message has no sender; Akka then shows the dead letters as its sender.</summary>
    public static bool IsMissing(ActorSystem system, IActorRef sender) => sender.IsNobody() || sender.Equals(system.DeadLetters);
}
