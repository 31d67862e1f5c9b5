using McpActors.Resilience;

namespace McpActors.Pool;

/// <summary>The answer to <see cref="GetClusterStatus"/> of a pool that is in no cluster: one node, itself. Pure.</summary>
internal static class LoneNode
{
    public static ClusterStatus Answer(
        GetClusterStatus query, IReadOnlyCollection<(string Server, ServerReport Report)> servers, DateTimeOffset at)
    {
        var connected = servers.Count(server => server.Report.Connection.Status == ServerStatus.Connected);
        var listed = query.Servers is { } wanted
            ? servers.Where(server => wanted.Contains(server.Server, StringComparer.Ordinal))
            : servers;
        var node = new NodeInfo
        {
            Address = NodeInfo.Local,
            Self = true,
            State = NodeState.Up,
            Total = servers.Count,
            Connected = connected,
            CircuitsOpen = servers.Count(server => server.Report.Circuit != CircuitState.Closed),
            Holds = connected,
            Servers =
            [
                .. listed.OrderBy(server => server.Server, StringComparer.Ordinal).Select(server => new ServerOnNode(
                    server.Server, server.Report.Connection.Status, server.Report.Circuit, NodeInfo.Local, server.Report.ShortReason)),
            ],
        };
        return new ClusterStatus([node], at);
    }
}
