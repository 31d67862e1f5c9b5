using Akka.Actor;
using Akka.Cluster.Sharding;
using McpActors.Pool;

namespace McpActors.Clustering.OneNode;

/// <summary>Where the servers live that have one connection in the cluster: Cluster Sharding with one entity for each.</summary>
internal static class ServerShards
{
    /// <summary>What Akka names its actors and their paths after.</summary>
    public const string TypeName = "mcp-server";

    /// <summary>The same on every node, for good: nodes of different numbers would not agree on who has what. Ten times what a cluster of 100 nodes needs to be even.</summary>
    private const int Shards = 1000;

    /// <summary>Takes part in it.</summary>
    /// <returns>To whom <see cref="JoinServer"/> goes.</returns>
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

    /// <summary>The entity of a server. Other settings are another entity, which comes up while the old one still serves.</summary>
    public static string EntityOf(string server, long revision) => $"{server}@{revision}";
}
