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
        // Akka shows the dead letters in place of a sender that is missing; they are nobody too.
        if (sender.IsNobody())
            return !own.HasLocalScope;
        return !sender.Path.Address.HasLocalScope && sender.Path.Address != own;
    }
}
