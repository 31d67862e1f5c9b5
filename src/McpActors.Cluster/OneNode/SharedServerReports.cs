using McpActors.Connections;
using McpActors.Resilience;

namespace McpActors.Clustering.OneNode;

/// <summary>Reports of a server whose connection may be on another node, derived from the last report of that node.</summary>
internal static class SharedServerReports
{
    /// <summary>Before the first report.</summary>
    public static ServerReport Initial { get; } =
        new(new ConnectionReport { Status = ServerStatus.Connecting }, CircuitState.Closed, "", null, false);

    /// <summary>The node of the connection is gone or cannot be reached.</summary>
    public static ServerReport Failed(this ServerReport report, string why, DateTimeOffset at) => report with
    {
        Connection = report.Connection with
        {
            Status = ServerStatus.Error,
            Resuming = false,
            Closed = false,
            Reason = why,
            LastError = why,
            LastErrorAt = at,
            NextReconnect = null,
        },
    };

    /// <summary>The connection is on its way to another node.</summary>
    public static ServerReport Connecting(this ServerReport report) =>
        report with { Connection = report.Connection with { Status = ServerStatus.Connecting } };

    /// <summary>Attempts are accepted although the server is not connected yet: they wait for the connection.</summary>
    public static ServerReport AcceptingWhileConnecting(this ServerReport report) => report.Connection.Status == ServerStatus.Connecting
        ? report with { Connection = report.Connection with { Resuming = true } }
        : report;

    /// <summary>This node no longer uses the server; the connection may stay for other nodes.</summary>
    public static ServerReport Left(this ServerReport report) => report with
    {
        Draining = true,
        Connection = report.Connection with
        {
            Status = ServerStatus.Disconnected,
            Closed = true,
            Resuming = false,
            Reason = null,
            NextReconnect = null,
        },
    };
}
