using McpActors.Gateway;

namespace McpActors.AspNetCore;

/// <summary>How a pool is served to MCP clients over HTTP.</summary>
public sealed class McpPoolEndpointOptions
{
    /// <summary>What the pool offers, and under which names. Default: everything, under the names of its servers.</summary>
    public GatewayOptions Gateway { get; set; } = new();

    /// <summary>
    /// How long a session of a client before revision 2026-07-28 lives without a request; above zero. Default: 15 minutes. The client then
    /// gets 404 and begins a new session.
    /// </summary>
    public TimeSpan SessionIdleTimeout { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>The most sessions without a request in flight; the one idle for longest ends first. Default: 1 000.</summary>
    public int MaxIdleSessions { get; set; } = 1000;

    /// <summary>
    /// Checks the <c>Origin</c> and, on a loopback address, the <c>Host</c> of each request, because a page of another site could send it
    /// (DNS rebinding). Default: true. Set it to false only where the service checks both itself.
    /// </summary>
    public bool GuardAgainstBrowsers { get; set; } = true;

    /// <summary>
    /// Origins of pages, such as <c>https://inspector.example</c>, whose requests are accepted beside those of the service's own address.
    /// Default: none.
    /// </summary>
    public IReadOnlyList<string> AllowedOrigins { get; set; } = [];
}
