using System.Runtime.CompilerServices;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace McpActors.Gateway;

/// <summary>
/// The sessions of clients of the legacy era, which receive announcements without a request of their own. The SDK does not report the end
/// of a session, so each is kept only as long as the SDK keeps its options. Thread-safe.
/// </summary>
internal sealed class LegacySessions
{
    // From the options of a server, which each session has for itself, to the server as its first request saw it. Once that request is
    // answered, the SDK sends what comes later on the session's own stream.
    private readonly ConditionalWeakTable<McpServerOptions, McpServer> _sessions = [];

    /// <summary>A client has initialized its session.</summary>
    public void Add(McpServer session) => _sessions.AddOrUpdate(session.ServerOptions, session);

    /// <summary>Sends a notification to every session; those that are gone receive nothing.</summary>
    public void Announce(string method)
    {
        foreach (var (_, session) in _sessions)
            _ = SendAsync(session, new JsonRpcNotification { Method = method });
    }

    private static async Task SendAsync(McpServer session, JsonRpcNotification notification)
    {
        try
        {
            await session.SendMessageAsync(notification, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The session has ended, or it has no stream to send on.
        }
    }
}
