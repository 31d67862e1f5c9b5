namespace McpActors.Clustering.Nodes;

/// <summary>The role by which the nodes with a pool find each other among the members of the cluster.</summary>
internal static class NodeRole
{
    public const string Name = "mcp-pool";
}
