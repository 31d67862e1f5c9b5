using Akka.Configuration;
using McpActors.Clustering.Wire;

namespace McpActors.Clustering;

/// <summary>
/// Settings of Akka.Remote that decide which messages of other processes an actor system accepts. The system's own configuration may
/// override them.
/// </summary>
internal static class Trust
{
    /// <summary>For every system that sends or receives the pool's messages.</summary>
    public static Config OfMessages { get; } =
        ConfigurationFactory.ParseString($"akka.actor.serializers.json = \"{NameOf<FallbackSerializer>()}\"");

    /// <summary>
    /// For a node. In untrusted mode Akka refuses deployments and <c>PoisonPill</c> from other processes, also from members, and accepts
    /// selections only of the paths listed here: the pool, and the parts of Akka that the nodes select on each other.
    /// </summary>
    public static Config OfNode { get; } = ConfigurationFactory.ParseString(
        $$"""
        akka {
          remote {
            untrusted-mode = on
            trusted-selection-paths = [
              "/user/mcp-pool"
              # Membership, and death watch of this node's actors
              "/system/cluster/core/daemon", "/system/cluster/heartbeatReceiver", "/system/remote-watcher"
              # ClusterClient and its receptionist, which uses publish-subscribe
              "/system/receptionist", "/system/distributedPubSubMediator"
              # Distributed Data, at the path of either version of Akka
              "/user/ddataReplicator", "/system/ddataReplicator"
              # Cluster Sharding of the servers with one connection
              "/system/sharding/{{McpClusterSettings.Role}}Replicator", "/system/sharding/{{OneNode.ServerShards.TypeName}}"
              "/system/sharding/{{OneNode.ServerShards.TypeName}}Coordinator"
              "/system/sharding/{{OneNode.ServerShards.TypeName}}Coordinator/singleton/coordinator"
            ]
          }
          actor.serializers {
            akka-system-msg = "{{NameOf<GuardedSystemMessages>()}}"
            akka-misc = "{{NameOf<GuardedMiscMessages>()}}"
          }
        }
        """);

    private static string NameOf<T>() => $"{typeof(T).FullName}, {typeof(T).Assembly.GetName().Name}";
}
