using McpActors.Tests.Transports;
using ModelContextProtocol.AspNetCore;
using Xunit;

namespace McpActors.Tests.Failures;

/// <summary>The contract server behind each network transport, by a short name.</summary>
internal static class NetworkEndpoint
{
    public static TheoryData<string> Kinds => ["modern", "legacy", "sse", "ws"];

    /// <summary>Each kind twice: for a call that must not run twice, and for one that may.</summary>
    public static TheoryData<string, bool> KindsAndSafety
    {
        get
        {
            var all = new TheoryData<string, bool>();
            foreach (var kind in Kinds)
            {
                all.Add(kind, false);
                all.Add(kind, true);
            }
            return all;
        }
    }

    public static async Task<KestrelEndpoint> StartAsync(string kind) => (KestrelEndpoint)await (kind switch
    {
        "modern" => KestrelEndpoint.StreamableHttpAsync(HttpServerSessionMode.Stateless),
        "legacy" => KestrelEndpoint.StreamableHttpAsync(HttpServerSessionMode.Stateful),
        "sse" => KestrelEndpoint.SseAsync(),
        _ => KestrelEndpoint.WebSocketAsync(),
    });
}
