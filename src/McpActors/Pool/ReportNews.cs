using Akka.Event;
using McpActors.Resilience;

namespace McpActors.Pool;

/// <summary>One line of the log.</summary>
internal sealed record LogLine(LogLevel Level, string Format, params object?[] Values);

/// <summary>The events and log lines that follow from the difference of two reports of one server. Pure.</summary>
/// <param name="Events">The events, in the order in which subscribers get them.</param>
/// <param name="Lines">The log lines, in order.</param>
/// <param name="LoggedError">The error that is logged and lasts; see <see cref="PooledServer.LoggedError"/>.</param>
internal sealed record ReportNews(IReadOnlyList<PoolEvent> Events, IReadOnlyList<LogLine> Lines, string? LoggedError)
{
    /// <param name="server">The server's name.</param>
    /// <param name="before">Its previous report.</param>
    /// <param name="after">Its report now.</param>
    /// <param name="loggedError">The error that was logged last and lasts.</param>
    /// <param name="isClosing">The pool closes, so the end of a connection is not logged as information.</param>
    /// <param name="at">The time of the events.</param>
    public static ReportNews Between(
        string server, ServerReport before, ServerReport after, string? loggedError, bool isClosing, DateTimeOffset at)
    {
        var events = new List<PoolEvent>();
        var lines = new List<LogLine>();
        var (from, to) = (before.Connection, after.Connection);
        if (from.Status != to.Status)
        {
            lines.Add(LineOf(server, to, loggedError, isClosing));
            if (to.Status is ServerStatus.Error or ServerStatus.Connected)
                loggedError = to.Reason;
            events.Add(new ServerStatusChanged(server, from.Status, to.Status, to.Reason, at));
        }
        if (before.Circuit != after.Circuit)
        {
            // As a text: loggers put an enumeration in quotes.
            lines.Add(new(
                LogLevel.InfoLevel, "The circuit of server {Server} is {Circuit}: {Reason}",
                server, after.Circuit.ToString(), after.CircuitReason));
            events.Add(new CircuitStateChanged(server, before.Circuit, after.Circuit, after.CircuitReason, at));
        }
        if (!ReferenceEquals(from.Catalogue, to.Catalogue))
            events.Add(new CatalogueChanged(server, at));
        return new(events, lines, loggedError);
    }

    private static LogLine LineOf(string server, Connections.ConnectionReport now, string? loggedError, bool isClosing) => now.Status switch
    {
        ServerStatus.Error when now.Reason == loggedError =>
            new(
                LogLevel.DebugLevel,
                "Server {Server} is still in error; next attempt at {NextReconnect:HH:mm:ss.f}",
                server, now.NextReconnect),
        ServerStatus.Error when now.NextReconnect is { } next =>
            new(
                LogLevel.WarningLevel,
                "Server {Server} is in error: {Reason}; next attempt at {NextReconnect:HH:mm:ss.f}",
                server, now.Reason, next),
        ServerStatus.Error => new(LogLevel.WarningLevel, "Server {Server} is in error: {Reason}", server, now.Reason),
        ServerStatus.Connected => new(
            LogLevel.InfoLevel,
            "Server {Server} is connected ({ServerName} {ServerVersion}, MCP {ProtocolVersion})",
            server, now.ServerName, now.ServerVersion, now.ProtocolVersion),
        ServerStatus.Disconnected when !isClosing => new(
            LogLevel.InfoLevel, "Server {Server} is closed: {Reason}", server, now.Reason ?? "it has not been connected yet"),
        _ => new(LogLevel.DebugLevel, "Server {Server} is {Status}", server, now.Status.ToString()),
    };
}
