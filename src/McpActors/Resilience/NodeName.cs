using Akka.Actor;

namespace McpActors.Resilience;

/// <summary>How a node is called to people: <c>host:port</c>.</summary>
internal static class NodeName
{
    public static string Of(Address node) => $"{node.Host}:{node.Port}";
}
