using Akka.Actor;
using Akka.Cluster;
using McpActors.Pool;

namespace McpActors.Clustering.Senders;

/// <summary>
/// Senders that are outside the cluster: in a system that is not a member, directly or through ClusterClient. A message without a sender
/// counts as one of theirs, because every process can send it.
/// </summary>
internal static class Outsiders
{
    public static bool Contains(ActorSystem system, IActorRef sender)
    {
        // The receptionist answers ClusterClient by an actor of its own, which is the sender here.
        if (sender.Path.Elements is ["system", "receptionist", ..])
            return true;
        return OtherSystems.Sent(system, sender)
            && (sender.IsNobody() || IsNoMember(system, sender.Path.Address));
    }

    private static bool IsNoMember(ActorSystem system, Address address) =>
        ((ExtendedActorSystem)system).Provider is not IClusterActorRefProvider
        || Cluster.Get(system).State.Members.All(member => member.Address != address);
}
