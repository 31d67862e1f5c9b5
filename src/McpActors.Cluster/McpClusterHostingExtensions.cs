using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Sharding;
using Akka.Cluster.Tools.Client;
using Akka.Cluster.Tools.PublishSubscribe;
using Akka.Cluster.Tools.Singleton;
using Akka.Configuration;
using Akka.DistributedData;
using Akka.Hosting;
using McpActors.Configuration;
using McpActors.Configuration.Hocon;
using McpActors.Clustering.Wire;
using McpActors.Pool;

namespace McpActors.Clustering;

/// <summary>Makes a service's actor system a node of a cluster whose nodes each have a pool.</summary>
public static class McpClusterHostingExtensions
{
    /// <summary>
    /// Joins the cluster that the block <c>mcp-actors.cluster</c> of the actor system's configuration names, as far as that has been added
    /// to the builder: add it before. Otherwise as <see cref="WithMcpCluster(AkkaConfigurationBuilder, ClusterSettings)"/>.
    /// </summary>
    /// <exception cref="InvalidSettingsException">Something is wrong with the settings, or there is no such block.</exception>
    public static AkkaConfigurationBuilder WithMcpCluster(this AkkaConfigurationBuilder builder) =>
        builder.WithMcpCluster((builder.Configuration.HasValue ? ClusterConfiguration.Read(builder.Configuration.Value) : null)
            ?? throw new InvalidSettingsException([new(KeyPath.Cluster, "is not in the configuration that was added so far; AddHocon it before WithMcpCluster")]));

    /// <summary>
    /// Joins the cluster that the settings name. Stands beside <c>WithMcpPool</c>, in an actor system of the same name on every node. The
    /// pool of each node is then reached by the other nodes at <c>/user/mcp-pool</c>, and from outside through ClusterClient. The system's
    /// own configuration overrides what is set here.
    /// </summary>
    /// <exception cref="InvalidSettingsException">Something is wrong with the settings.</exception>
    public static AkkaConfigurationBuilder WithMcpCluster(this AkkaConfigurationBuilder builder, ClusterSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        if (settings.Problems() is { Count: > 0 } problems)
            throw new InvalidSettingsException(problems);
        return builder
            .WithMcpPoolMessages()
            .AddSetup(new PoolNodeSetup((system, services) => IsNode(system) ? ClusterNode.Join(system, services) : null, OfferToClients))
            .AddHocon(ToHocon(settings), HoconAddMode.Append)
            .AddHocon(Trust.OfNode, HoconAddMode.Append)
            .AddHocon(ClusterSharding.DefaultConfig(), HoconAddMode.Append)
            .AddHocon(ClusterSingleton.DefaultConfig(), HoconAddMode.Append)
            .AddHocon(DistributedData.DefaultConfig(), HoconAddMode.Append)
            .AddStartup((system, _) =>
            {
                ((ExtendedActorSystem)system).SystemActorOf(Props.Create(() => new ExpelledActor()), "mcp-expelled");
                Join((ExtendedActorSystem)system, settings);
            });
    }

    /// <summary>
    /// Registers the serializer of the pool's messages; <c>WithMcpPool</c> does it too. For a system without a pool of its own that asks
    /// one on another node, or through ClusterClient, whose own serializers are registered with it. Where the system can be reached from
    /// other processes it also takes Akka's fallback serializer, which writes names of types, out of use; the system's own configuration
    /// can have it back (<c>akka.actor.serializers.json</c>).
    /// </summary>
    public static AkkaConfigurationBuilder WithMcpPoolMessages(this AkkaConfigurationBuilder builder) => builder
        // Without its serializers ClusterClient falls back to one that writes names of types, for what it carries too.
        .AddHocon(ClusterClientReceptionist.DefaultConfig(), HoconAddMode.Append)
        .AddHocon(DistributedPubSub.DefaultConfig(), HoconAddMode.Append)
        .AddHocon(Trust.OfMessages, HoconAddMode.Append)
        .WithCustomSerializer("mcp-pool", WireTypes.Messages, system => new PoolMessageSerializer(system));

    /// <summary>Offers the pool to clients outside the cluster, where this system is a node of one.</summary>
    private static void OfferToClients(ActorSystem system, IActorRef pool)
    {
        if (IsInCluster(system))
            ClusterClientReceptionist.Get(system).RegisterService(pool);
    }

    /// <summary>
    /// Whether this system is a node whose pool shares servers with those of the others: in a cluster, and with the role of such nodes.
    /// </summary>
    private static bool IsNode(ActorSystem system) => IsInCluster(system) && Cluster.Get(system).SelfRoles.Contains(ClusterSettings.Role);

    private static bool IsInCluster(ActorSystem system) => ((ExtendedActorSystem)system).Provider is IClusterActorRefProvider;

    private static void Join(ExtendedActorSystem system, ClusterSettings settings)
    {
        if (settings.SeedNodes.Count == 0)
            return;
        var cluster = Cluster.Get(system);
        system.SystemActorOf(Props.Create(() => new JoiningActor(cluster, settings)), "mcp-joining");
        var self = cluster.SelfAddress;
        cluster.JoinSeedNodes(settings.SeedNodes.Select(seed => ClusterSettings.TryParse(seed, out var host, out var port)
            ? new Address(self.Protocol, self.System, host, port)
            : throw new InvalidOperationException($"{seed} was not checked")));
    }

    // Everything that Akka already does is told here and not done again: membership, failure detection, who stays after a partition.
    private static Config ToHocon(ClusterSettings settings) => ConfigurationFactory.ParseString(
        $$"""
        akka {
          actor.provider = cluster
          # Nothing is sent to a node for so long after a connection to it broke or failed. With Akka's 5s the nodes would miss each other for every connection that is reset.
          remote.retry-gate-closed-for = 1s
          remote.dot-netty.tcp {
            hostname = "{{settings.Hostname}}"
            public-hostname = "{{settings.PublicHostname ?? settings.Hostname}}"
            port = {{settings.Port}}
            maximum-frame-size = {{settings.MaximumFrameSize}}b
            send-buffer-size = {{settings.MaximumFrameSize}}b
            receive-buffer-size = {{settings.MaximumFrameSize}}b
          }
          cluster {
            roles = ["{{ClusterSettings.Role}}"]
            downing-provider-class = "Akka.Cluster.SBR.SplitBrainResolverProvider, Akka.Cluster"
            split-brain-resolver {
              active-strategy = keep-majority
              stable-after = {{settings.StableAfter.TotalMilliseconds:0}}ms
            }
            client.receptionist.role = "{{ClusterSettings.Role}}"
            sharding {
              role = "{{ClusterSettings.Role}}"
              remember-entities = on
              state-store-mode = ddata
              remember-entities-store = ddata
              # Where each server is, is known as long as one node lives, and nobody needs it after that: nothing is written to a disk.
              distributed-data.durable.keys = []
              rebalance-interval = 5s
              entity-restart-backoff = 1s
            }
            distributed-data.role = "{{ClusterSettings.Role}}"
            # What matters of it is told in words of our own.
            log-info = off
          }
          # A connection that moves ends the calls that run on it first (drain-timeout, close-timeout), within what a hand-over of a shard may take.
          coordinated-shutdown.phases.cluster-sharding-shutdown-region.timeout = 60s
        }
        """);
}
