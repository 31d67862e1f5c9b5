using Akka.Actor;

namespace McpActors.Resilience;

/// <summary>The name of a cluster node in status, logs and errors: <c>host:port</c>.</summary>
internal static class NodeName
{
    public static string Of(Address node) => $"{node.Host}:{node.Port}";
}
