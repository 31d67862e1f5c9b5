using McpActors.AspNetCore;
using McpActors.Host.Presentation;
using McpActors.Host.Settings;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace McpActors.Host.Mcp;

/// <summary>The pool as one MCP server, beside the API and behind the same access control.</summary>
internal static class McpEndpoint
{
    public const string Path = "/mcp";

    /// <summary>Adds the services for <see cref="MapMcpEndpoint"/>.</summary>
    public static void AddMcpEndpoint(this WebApplicationBuilder builder, McpSettings settings)
    {
        if (!settings.Enabled)
            return;
        builder.Services.AddMcpPoolEndpoint(endpoint =>
        {
            endpoint.Gateway = settings.Gateway;
            // The guard of the API stands before all routes, and knows more: public addresses and proxies.
            endpoint.GuardAgainstBrowsers = false;
        });
        builder.Services.Configure<McpServerOptions>(server => server.ServerInfo = new Implementation
        {
            Name = "mcp-actors",
            Version = ProgramVersion.Text,
        });
    }

    /// <summary>Adds the route.</summary>
    public static void MapMcpEndpoint(this WebApplication app)
    {
        if (app.Services.GetRequiredService<HostSettings>().Mcp.Enabled)
            app.MapMcpPool(Path);
    }
}
