using Akka.Configuration;
using McpActors.Clustering.OneNode;
using McpActors.Clustering.Wire;

namespace McpActors.Clustering;

/// <summary>What an actor system takes from other processes. Defaults that the system's own configuration may override.</summary>
internal static class Trust
{
    /// <summary>For every system that sends or receives the pool's messages.</summary>
    public static Config OfMessages { get; } = ConfigurationFactory.ParseString($"akka.actor.serializers.json = \"{NameOf<FallbackSerializer>()}\"");

    /// <summary>
    /// For a node. In untrusted mode Akka takes no deployment and no <c>PoisonPill</c> from other processes, members too, and selections
    /// only of the paths here: those by which the nodes find each other's parts of Akka, and the pool.
    /// </summary>
    public static Config OfNode { get; } = ConfigurationFactory.ParseString(
        $$"""
        akka {
          remote {
            untrusted-mode = on
            trusted-selection-paths = [
              "/user/mcp-pool"
              # Members, and who watches an actor of this node
              "/system/cluster/core/daemon", "/system/cluster/heartbeatReceiver", "/system/remote-watcher"
              # ClusterClient and its receptionist, which stands on publish-subscribe
              "/system/receptionist", "/system/distributedPubSubMediator"
              # Distributed Data, wherever the version of Akka has it
              "/user/ddataReplicator", "/system/ddataReplicator"
              # Cluster Sharding of the servers with one connection
              "/system/sharding/{{ClusterSettings.Role}}Replicator", "/system/sharding/{{OneNode.ServerShards.TypeName}}"
              "/system/sharding/{{OneNode.ServerShards.TypeName}}Coordinator", "/system/sharding/{{OneNode.ServerShards.TypeName}}Coordinator/singleton/coordinator"
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
