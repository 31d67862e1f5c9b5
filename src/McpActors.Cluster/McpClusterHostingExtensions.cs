using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Sharding;
using Akka.Cluster.Tools.Client;
using Akka.Cluster.Tools.PublishSubscribe;
using Akka.Cluster.Tools.Singleton;
using Akka.Configuration;
using Akka.DistributedData;
using Akka.Hosting;
using McpActors.Clustering.Senders;
using McpActors.Clustering.Wire;
using McpActors.Configuration;
using McpActors.Configuration.Hocon;
using McpActors.Pool;

namespace McpActors.Clustering;

/// <summary>Makes a service's actor system a node of a cluster whose nodes each have a pool.</summary>
public static class McpClusterHostingExtensions
{
    /// <summary>
    /// Joins the cluster of the block <c>mcp-actors.cluster</c> in the actor system's configuration. The configuration must have been added
    /// to the builder before. Otherwise the same as <see cref="WithMcpCluster(AkkaConfigurationBuilder, McpClusterSettings)"/>.
    /// </summary>
    /// <exception cref="InvalidSettingsException">The settings have problems, or there is no such block.</exception>
    public static AkkaConfigurationBuilder WithMcpCluster(this AkkaConfigurationBuilder builder)
    {
        var settings = builder.Configuration.HasValue ? ClusterConfiguration.Read(builder.Configuration.Value) : null;
        return builder.WithMcpCluster(settings ?? throw new InvalidSettingsException(
            [new(KeyPath.Cluster, "is missing. Add this block with AddHocon before you call WithMcpCluster, or pass McpClusterSettings")]));
    }

    /// <summary>
    /// Joins a cluster. Used together with <c>WithMcpPool</c>, in an actor system that has the same name on every node. The other nodes
    /// then reach the pool of each node at <c>/user/mcp-pool</c>, and clients outside the cluster reach it through ClusterClient. The
    /// system's own configuration overrides what this method sets.
    /// </summary>
    /// <exception cref="InvalidSettingsException">
    /// The settings have problems; or, when the system starts, it listens beyond this machine without TLS and without
    /// <see cref="McpClusterSettings.PrivateNetwork"/>, or the file of its certificate cannot be used.
    /// </exception>
    public static AkkaConfigurationBuilder WithMcpCluster(this AkkaConfigurationBuilder builder, McpClusterSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        if (settings.Problems() is { Count: > 0 } problems)
            throw new InvalidSettingsException(problems);
        return builder
            .WithMessages(system =>
            {
                OpenPort.Check(system, settings);
                NodeCertificate.Check(system);
            })
            .AddSetup(new PoolNodeSetup(
                (system, services) => IsNode(system) ? ClusterNode.Join(system, services, settings) : null,
                OfferToClients,
                (system, sender) => !settings.OutsideCommands && Outsiders.Contains(system, sender)))
            .AddHocon(ToHocon(settings), HoconAddMode.Append)
            .AddHocon(Trust.OfNode, HoconAddMode.Append)
            .AddHocon(ClusterSharding.DefaultConfig(), HoconAddMode.Append)
            .AddHocon(ClusterSingleton.DefaultConfig(), HoconAddMode.Append)
            .AddHocon(DistributedData.DefaultConfig(), HoconAddMode.Append)
            .AddStartup((system, _) =>
            {
                ((ExtendedActorSystem)system).SystemActorOf(Props.Create(() => new QuarantineActor()), "mcp-quarantine");
                Join((ExtendedActorSystem)system, settings);
            });
    }

    /// <summary>
    /// Registers the serializer of the pool's messages, and those of ClusterClient. For a system without a pool of its own that sends calls
    /// to the pool of a node, directly or through ClusterClient; <see cref="WithMcpCluster(AkkaConfigurationBuilder, McpClusterSettings)"/>
    /// does it too. If the system uses remoting, this also turns off Akka's fallback serializer, which writes type names; the system's own
    /// configuration can restore it (<c>akka.actor.serializers.json</c>).
    /// </summary>
    public static AkkaConfigurationBuilder WithMcpPoolMessages(this AkkaConfigurationBuilder builder) => builder.WithMessages(_ => { });

    // Serializers are made when the system has its whole configuration, and before it opens its port.
    private static AkkaConfigurationBuilder WithMessages(this AkkaConfigurationBuilder builder, Action<ActorSystem> check) => builder
        // Without its own serializers ClusterClient uses the fallback serializer, also for the messages that it carries.
        .AddHocon(ClusterClientReceptionist.DefaultConfig(), HoconAddMode.Append)
        .AddHocon(DistributedPubSub.DefaultConfig(), HoconAddMode.Append)
        .AddHocon(Trust.OfMessages, HoconAddMode.Append)
        .WithCustomSerializer("mcp-pool", [.. WireTypes.Messages, typeof(FromAnotherNode)], system =>
        {
            check(system);
            return new PoolMessageSerializer(system);
        });

    /// <summary>Registers the pool for clients outside the cluster, if this system is in one.</summary>
    private static void OfferToClients(ActorSystem system, IActorRef pool)
    {
        if (IsInCluster(system))
            ClusterClientReceptionist.Get(system).RegisterService(pool);
    }

    /// <summary>Whether the pool of this system shares its servers with other nodes: the system is in a cluster and has the role.</summary>
    private static bool IsNode(ActorSystem system) =>
        IsInCluster(system) && Cluster.Get(system).SelfRoles.Contains(McpClusterSettings.Role);

    private static bool IsInCluster(ActorSystem system) => ((ExtendedActorSystem)system).Provider is IClusterActorRefProvider;

    private static void Join(ExtendedActorSystem system, McpClusterSettings settings)
    {
        if (settings.SeedNodes.Count == 0)
            return;
        var cluster = Cluster.Get(system);
        system.SystemActorOf(Props.Create(() => new JoiningActor(cluster, settings)), "mcp-joining");
        var self = cluster.SelfAddress;
        cluster.JoinSeedNodes(settings.SeedNodes.Select(seed => McpClusterSettings.TryParse(seed, out var host, out var port)
            ? new Address(self.Protocol, self.System, host, port)
            : throw new InvalidOperationException($"seed node {seed} was not checked")));
    }

    // Membership, failure detection and the resolution of partitions are Akka's; this only configures them.
    private static Config ToHocon(McpClusterSettings settings) => ConfigurationFactory.ParseString(
        $$"""
        akka {
          actor.provider = cluster
          # After a broken or failed connection Akka sends nothing to that node for this time. With Akka's default of 5s each reset
          # connection would make the nodes unreachable for each other.
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
            roles = ["{{McpClusterSettings.Role}}"]
            min-nr-of-members = {{settings.MinMembers}}
            downing-provider-class = "Akka.Cluster.SBR.SplitBrainResolverProvider, Akka.Cluster"
            split-brain-resolver {
              active-strategy = keep-majority
              stable-after = {{settings.StableAfter.TotalMilliseconds:0}}ms
            }
            client.receptionist.role = "{{McpClusterSettings.Role}}"
            sharding {
              role = "{{McpClusterSettings.Role}}"
              remember-entities = on
              state-store-mode = ddata
              remember-entities-store = ddata
              # The placement of servers is needed only while a node runs: nothing is written to disk.
              distributed-data.durable.keys = []
              rebalance-interval = 5s
              entity-restart-backoff = 1s
            }
            distributed-data.role = "{{McpClusterSettings.Role}}"
            # The joining and quarantine actors log what matters to an operator.
            log-info = off
          }
          # A connection that moves first ends its running calls. The pool's own settings bound how long that takes (drain-timeout,
          # close-timeout), so this is more than they can be.
          coordinated-shutdown.phases.cluster-sharding-shutdown-region.timeout = 5d
        }
        """);
}
