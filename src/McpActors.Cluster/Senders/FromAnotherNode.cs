using Akka.Actor;

namespace McpActors.Clustering.Senders;

/// <summary>
/// A message of the kind that only goes between nodes, as it arrives from another process. The actors that exchange such messages with
/// other nodes check the sender and open it. No other actor handles it, so a program that reaches the port cannot end an attempt, operate a
/// circuit or close a connection by a message to the actor that does it.
/// </summary>
/// <param name="Message">The message.</param>
internal sealed record FromAnotherNode(object Message) : INoSerializationVerificationNeeded
{
    /// <summary>Opens a message for an actor that exchanges messages with other nodes.</summary>
    /// <param name="system">The system of the actor.</param>
    /// <param name="sender">The sender.</param>
    /// <param name="known">A sender that is known to be on a node, which is looked for first; nobody: there is none.</param>
    /// <param name="message">The message; the one within, if it came from another node.</param>
    /// <returns>False: it came from a system that is not a node, and the actor drops it.</returns>
    public static bool TryOpen(ActorSystem system, IActorRef sender, IActorRef known, ref object message)
    {
        if (message is not FromAnotherNode { Message: var inner })
            return true;
        message = inner;
        return (!known.IsNobody() && sender.Equals(known)) || !Outsiders.Contains(system, sender);
    }

    /// <summary>The message itself, however it came.</summary>
    public static object Open(object message) => message is FromAnotherNode { Message: var inner } ? inner : message;
}
