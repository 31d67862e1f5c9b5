using Akka.Actor;
using Akka.Cluster;
using McpActors.Clustering.Nodes;
using McpActors.Clustering.OneNode;
using McpActors.Clustering.SharedSettings;
using McpActors.Configuration;
using McpActors.Pool;
using McpActors.Resilience;

namespace McpActors.Clustering;

/// <summary>A pool as a node of a cluster: the actors that connect it to the pools of the other nodes.</summary>
internal sealed class ClusterNode : IPoolNode
{
    private readonly Cluster _cluster;
    private readonly IActorRef _shards;
    private readonly OneNodeServers _servers;
    private readonly bool _sharedCommands;

    private ClusterNode(Cluster cluster, IActorRef shards, OneNodeServers servers, bool sharedCommands) =>
        (_cluster, _shards, _servers, _sharedCommands) = (cluster, shards, servers, sharedCommands);

    public static ClusterNode Join(ActorSystem system, PoolServices services, McpClusterSettings settings)
    {
        LostAttempts.For(system);
        var servers = new OneNodeServers();
        return new ClusterNode(Cluster.Get(system), ServerShards.Start(system, services, servers), servers, settings.SharedCommands);
    }

    public Props Nodes => NodesActor.Props();

    public Props SharedSettings => SharedSettingsActor.Props;

    public Props OneNodeServer(KnownServer server, PoolSettings pool, OperatorIntent intent) =>
        SharedServerActor.Props(server, pool, _servers, _shards, intent);

    public string? RefusalOf(ServerSettings shared, IEnumerable<ServerSettings> own) =>
        _sharedCommands ? null : SharedServerRule.RefusalOf(shared, own);

    public Address? AnotherNode(int choice)
    {
        var state = _cluster.State;
        var others = state.Members
            .Where(member => member.Status == MemberStatus.Up && member.HasRole(McpClusterSettings.Role))
            .Where(member => !member.UniqueAddress.Equals(_cluster.SelfUniqueAddress))
            .Except(state.Unreachable)
            .ToArray();
        return others.Length == 0 ? null : others[choice % others.Length].Address;
    }
}
