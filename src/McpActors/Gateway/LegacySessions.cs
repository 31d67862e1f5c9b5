using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace McpActors.Gateway;

/// <summary>
/// The sessions of clients of the legacy era, which receive announcements without a request of their own. The SDK does not report the end
/// of a session, so each is kept as long as the SDK keeps its options, or until it can receive nothing. Thread-safe.
/// </summary>
internal sealed class LegacySessions
{
    // By the options of their servers, which the sessions of one endpoint may share, and by session. The server is the one that the first
    // request saw: once that is answered, the SDK sends what comes later on the session's own stream.
    private readonly ConditionalWeakTable<McpServerOptions, ConcurrentDictionary<string, McpServer>> _sessions = [];

    /// <summary>A client has initialized its session.</summary>
    public void Add(McpServer session) => _sessions.GetOrCreateValue(session.ServerOptions)[session.SessionId ?? ""] = session;

    /// <summary>Sends a notification to every session; those that are gone receive nothing.</summary>
    public void Announce(string method)
    {
        foreach (var (_, sessions) in _sessions)
        {
            foreach (var (id, session) in sessions)
                _ = SendAsync(sessions, id, session, new JsonRpcNotification { Method = method });
        }
    }

    private static async Task SendAsync(
        ConcurrentDictionary<string, McpServer> sessions, string id, McpServer session, JsonRpcNotification notification)
    {
        try
        {
            await session.SendMessageAsync(notification, CancellationToken.None).ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            sessions.TryRemove(KeyValuePair.Create(id, session));
        }
        catch (Exception)
        {
            // It has no stream now, or it has lost it; it may open another.
        }
    }
}
