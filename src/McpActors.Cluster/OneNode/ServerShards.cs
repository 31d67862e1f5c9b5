using Akka.Actor;
using Akka.Cluster.Sharding;
using McpActors.Pool;

namespace McpActors.Clustering.OneNode;

/// <summary>Cluster Sharding of the servers that have one connection in the cluster, with one entity for each.</summary>
internal static class ServerShards
{
    /// <summary>Akka derives the names and paths of its actors from this.</summary>
    public const string TypeName = "mcp-server";

    /// <summary>
    /// The same on every node and never changed: nodes with different numbers would place the same entity on different nodes. Ten shards
    /// for each of 100 nodes spread the servers evenly.
    /// </summary>
    private const int Shards = 1000;

    /// <summary>Starts the shard region of this node.</summary>
    /// <returns>The region, which receives <see cref="JoinServer"/>.</returns>
    public static IActorRef Start(ActorSystem system, PoolServices services)
    {
        var sharding = ClusterSharding.Get(system);
        return sharding.Start(
            TypeName,
            _ => ServerEntityActor.Props(services),
            ClusterShardingSettings.Create(system),
            HashCodeMessageExtractor.Create(Shards, message => (message as JoinServer)?.Entity, message => message),
            ShardAllocationStrategy.LeastShardAllocationStrategy(absoluteLimit: 100, relativeLimit: 0.5),
            HandOver.Instance);
    }

    /// <summary>The id of a server's entity. Changed settings make another entity, which starts while the old one still serves.</summary>
    public static string EntityOf(string server, long revision) => $"{server}@{revision}";
}
