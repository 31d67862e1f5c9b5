namespace McpActors.Clustering.Nodes;

/// <summary>What a pool that is in no cluster says of its nodes: that there is one, itself.</summary>
internal static class LoneNode
{
    public static ClusterStatus Answer(GetClusterStatus query, IEnumerable<ServerNews> servers, DateTimeOffset at)
    {
        var table = new NodeTable(new NodeId(NodeInfo.Local, 0), NodeInfo.Local, NodeState.Up);
        foreach (var server in servers)
            table.Own.Set(server);
        return table.Answer(query, at);
    }
}
