using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using Akka.Remote;

namespace McpActors.Clustering;

/// <summary>
/// Takes this node down as soon as it learns from another that the cluster has removed it, as happens to one that was stopped or cut off
/// for long. Until then it would take itself for a member, with connections that are on other nodes now; the split brain resolver would
/// find out as well, after its time.
/// </summary>
internal sealed class ExpelledActor : ReceiveActor
{
    public ExpelledActor()
    {
        var cluster = Cluster.Get(Context.System);
        var log = Context.GetLogger();
        // A client outside the cluster that wants nothing more to do with this node is no member of it.
        Receive<ThisActorSystemQuarantinedEvent>(
            quarantined => cluster.State.Members.Any(member => member.Address.Equals(quarantined.RemoteAddress)),
            quarantined =>
            {
                log.Error("This node was removed from the cluster, says {Node}: it goes down. It may be started again at once.", quarantined.RemoteAddress);
                cluster.Down(cluster.SelfAddress);
            });
    }

    protected override void PreStart() => Context.System.EventStream.Subscribe<ThisActorSystemQuarantinedEvent>(Self);
}
