using System.Globalization;
using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Sharding;
using Akka.Configuration;
using McpActors.Clustering.Senders;
using McpActors.Configuration;
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
    public static IActorRef Start(ActorSystem system, PoolServices services, OneNodeServers servers)
    {
        var sharding = ClusterSharding.Get(system);
        var cluster = Cluster.Get(system);
        var region = sharding.Start(
            TypeName,
            entity => ServerEntityActor.Props(services, entity, servers, node => IsNode(cluster, node)),
            SettingsOf(system.Settings.Config, services.Settings),
            HashCodeMessageExtractor.Create(Shards, message => (FromAnotherNode.Open(message) as JoinServer)?.Entity, message => message),
            ShardAllocationStrategy.LeastShardAllocationStrategy(absoluteLimit: 100, relativeLimit: 0.5),
            HandOver.Instance);
        LimitHandOver(system, services, region);
        return region;
    }

    /// <summary>How long the hand-over of a shard may take: each entity ends its calls and closes its connection first.</summary>
    public static TimeSpan HandOverLimit(PoolSettings pool) => pool.DrainTimeout + (pool.CloseTimeout * 3);

    /// <summary>The settings of sharding; its own time for a hand-over holds if it is longer.</summary>
    public static ClusterShardingSettings SettingsOf(Config system, PoolSettings pool)
    {
        const string Key = "handoff-timeout";
        var sharding = system.GetConfig("akka.cluster.sharding");
        var limit = Math.Max(sharding.GetTimeSpan(Key).TotalMilliseconds, HandOverLimit(pool).TotalMilliseconds);
        var longer = ConfigurationFactory.ParseString(string.Create(CultureInfo.InvariantCulture, $"{Key} = {limit:0}ms"));
        return ClusterShardingSettings.Create(
            longer.WithFallback(sharding), system.GetConfig(sharding.GetString("coordinator-singleton")));
    }

    // The phase of the shutdown waits for the region without a limit of the pool's: a hand-over that does not end is cut off here. A node
    // that never was a member has nothing to hand over, and nobody who would answer.
    private static void LimitHandOver(ActorSystem system, PoolServices services, IActorRef region) =>
        CoordinatedShutdown.Get(system).AddTask(CoordinatedShutdown.PhaseClusterShardingShutdownRegion, "limit-mcp-hand-over", () =>
        {
            var limit = WasMember(Cluster.Get(system)) ? HandOverLimit(services.Settings) : TimeSpan.Zero;
            system.Scheduler.Advanced.ScheduleOnce(limit, ((IInternalActorRef)region).Stop);
            return Task.FromResult(Akka.Done.Instance);
        });

    private static bool WasMember(Cluster cluster) => cluster.State.Members.Any(member =>
        member.Address.Equals(cluster.SelfAddress) && member.Status is not (MemberStatus.Joining or MemberStatus.WeaklyUp));

    /// <summary>Whether an address is that of a node with a pool that takes part, or did until it left.</summary>
    private static bool IsNode(Cluster cluster, Address address) => cluster.State.Members.Any(member =>
        member.Address.Equals(address)
        && member.HasRole(McpClusterSettings.Role)
        && member.Status is MemberStatus.Up or MemberStatus.Leaving or MemberStatus.Exiting);

    /// <summary>The id of a server's entity. Changed settings make another entity, which starts while the old one still serves.</summary>
    public static string EntityOf(KnownServer server) => $"{server.Settings.Name}@{server.Revision}";
}
