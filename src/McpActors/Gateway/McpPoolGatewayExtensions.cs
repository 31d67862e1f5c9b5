using McpActors.Pool;
using ModelContextProtocol.Server;

namespace McpActors.Gateway;

/// <summary>Offers a pool to MCP clients through a server of the MCP SDK.</summary>
public static class McpPoolGatewayExtensions
{
    /// <summary>
    /// Lets a server of the SDK offer the tools, prompts, resources and templates of a pool, for clients of every revision and on every
    /// transport: <c>McpServer.Create(new StdioServerTransport("tools"), new McpServerOptions().UsePool(pool))</c>. Entries in the
    /// collections of the options stay; their names win over those of the pool. The handlers for lists and calls are not used for the
    /// pool's entries, and <see cref="McpServerHandlers.SubscriptionsListenHandler"/> is replaced. Call it before the server is created.
    /// </summary>
    /// <param name="server">The options of the server.</param>
    /// <param name="pool">The pool; may be one of a host that has not started yet.</param>
    /// <param name="options">
    /// What is offered, and how it is named; null for the defaults. Servers with the same object share what the gateway knows of the pool,
    /// so make it once.
    /// </param>
    /// <param name="stopping">
    /// Ends the streams on which clients listen for changes, with their final result; a service stops sooner then. Default: they end with
    /// their clients.
    /// </param>
    /// <returns>The same options.</returns>
    /// <exception cref="ArgumentException">An option is outside of its range; the message names all of them.</exception>
    public static McpServerOptions UsePool(
        this McpServerOptions server, IMcpPool pool, GatewayOptions? options = null, CancellationToken stopping = default)
    {
        ArgumentNullException.ThrowIfNull(server);
        ArgumentNullException.ThrowIfNull(pool);
        McpPoolGateway.Of(pool, options ?? GatewayOptions.Default).Attach(server, stopping);
        return server;
    }
}
