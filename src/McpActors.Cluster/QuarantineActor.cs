using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using Akka.Remote;

namespace McpActors.Clustering;

/// <summary>
/// Takes this node down as soon as another member reports that it has quarantined it: the cluster removed this node while it was stopped or
/// cut off. Without this actor the node would consider itself a member, with connections that are on other nodes now, until the split brain
/// resolver decides.
/// </summary>
internal sealed class QuarantineActor : ReceiveActor
{
    public QuarantineActor()
    {
        var cluster = Cluster.Get(Context.System);
        var log = Context.GetLogger();
        // A client outside the cluster may quarantine this node too; only members count.
        Receive<ThisActorSystemQuarantinedEvent>(
            quarantined => cluster.State.Members.Any(member => member.Address.Equals(quarantined.RemoteAddress)),
            quarantined =>
            {
                log.Error(
                    "The cluster has removed this node, as {Node} reports. The node shuts down; it can be restarted immediately.",
                    quarantined.RemoteAddress);
                cluster.Down(cluster.SelfAddress);
            });
    }

    protected override void PreStart() => Context.System.EventStream.Subscribe<ThisActorSystemQuarantinedEvent>(Self);
}
