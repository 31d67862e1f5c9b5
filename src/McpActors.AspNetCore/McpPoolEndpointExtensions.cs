using System.Text.Json.Nodes;
using McpActors.Gateway;
using McpActors.Pool;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using ModelContextProtocol;
using ModelContextProtocol.AspNetCore;
using ModelContextProtocol.Server;

namespace McpActors.AspNetCore;

/// <summary>
/// Serves the pool of an ASP.NET Core service to MCP clients: <c>services.AddMcpPoolEndpoint()</c> and <c>app.MapMcpPool("/mcp")</c>, next
/// to <c>AddMcpPool</c>.
/// </summary>
public static class McpPoolEndpointExtensions
{
    /// <summary>
    /// Adds the services for <see cref="MapMcpPool"/>. Tools of the service's own, added with <c>AddMcpServer().WithTools…</c> of the MCP
    /// SDK, are offered beside those of the pool; their names win.
    /// </summary>
    /// <param name="services">The services, which also need an <see cref="IMcpPool"/>.</param>
    /// <param name="configure">Changes the options; null: the defaults.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddMcpPoolEndpoint(
        this IServiceCollection services, Action<McpPoolEndpointOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var options = services.AddOptions<McpPoolEndpointOptions>();
        if (configure is not null)
            options.Configure(configure);
        services.AddSingleton<Registered>();
        services.AddMcpServer().WithHttpTransport();
        services.AddOptions<HttpServerTransportOptions>().Configure<IOptions<McpPoolEndpointOptions>>(ConfigureTransport);
        // Each session has options of its own; one gateway serves them all.
        services.AddOptions<McpServerOptions>().Configure<IMcpPool, IOptions<McpPoolEndpointOptions>, IHostApplicationLifetime>(
            (server, pool, endpoint, lifetime) => server.UsePool(pool, endpoint.Value.Gateway, lifetime.ApplicationStopping));
        return services;
    }

    /// <summary>
    /// Maps the endpoint: Streamable HTTP, with sessions for clients that initialize one and without for clients from 2026-07-28 on.
    /// </summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="pattern">The path. Default: <c>/mcp</c>.</param>
    /// <returns>The endpoint, for conventions such as <c>RequireAuthorization</c>.</returns>
    /// <exception cref="InvalidOperationException"><see cref="AddMcpPoolEndpoint"/> was not called.</exception>
    /// <exception cref="ArgumentException">An option of the gateway is outside of its range.</exception>
    public static IEndpointConventionBuilder MapMcpPool(this IEndpointRouteBuilder endpoints, string pattern = "/mcp")
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        if (endpoints.ServiceProvider.GetService<Registered>() is null
            || endpoints.ServiceProvider.GetService<IServiceProviderIsService>()?.IsService(typeof(IMcpPool)) == false)
        {
            throw new InvalidOperationException(
                "The endpoint of the pool has no services: call services.AddMcpPool(…) and services.AddMcpPoolEndpoint() first.");
        }
        var options = endpoints.ServiceProvider.GetRequiredService<IOptions<McpPoolEndpointOptions>>().Value;
        // A mistake ends the start and not the first request.
        _ = endpoints.ServiceProvider.GetRequiredService<IOptions<McpServerOptions>>().Value;
        var endpoint = endpoints.MapMcp(pattern);
        endpoint.Finally(built => built.RequestDelegate = Guarded(built.RequestDelegate!, options));
        return endpoint;
    }

    /// <summary>Its presence shows that <see cref="AddMcpPoolEndpoint"/> was called.</summary>
    private sealed class Registered;

    private static void ConfigureTransport(HttpServerTransportOptions transport, IOptions<McpPoolEndpointOptions> endpoint)
    {
        transport.SessionMode = HttpServerSessionMode.StatefulForInitializeClients;
        // With it the SDK makes options for each session, without it one for all; the gateway knows a session by its options.
        transport.ConfigureSessionOptions ??= (_, _, _) => Task.CompletedTask;
        // Obsolete for new servers; this one serves the clients that need them.
#pragma warning disable MCP9006
        transport.IdleTimeout = endpoint.Value.SessionIdleTimeout;
        transport.MaxIdleSessionCount = endpoint.Value.MaxIdleSessions;
#pragma warning restore MCP9006
    }

    private static RequestDelegate Guarded(RequestDelegate next, McpPoolEndpointOptions options) => async context =>
    {
        if (options.GuardAgainstBrowsers
            && RequestOrigin.ProblemOf(context.Request, context.Connection.LocalIpAddress, options.AllowedOrigins) is { } problem)
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            await context.Response.WriteAsync(problem, context.RequestAborted).ConfigureAwait(false);
            return;
        }
        // A proxy that collects an answer before it passes it on would hold back progress and announcements.
        context.Response.Headers["X-Accel-Buffering"] = "no";
        try
        {
            await next(context).ConfigureAwait(false);
        }
        catch (Exception e) when (IsOfMessage(e) && !context.Response.HasStarted)
        {
            await RefuseAsync(context, e).ConfigureAwait(false);
        }
    };

    // What the SDK throws while it compares a message with its headers: a key that comes twice, a value of another type. What fails later
    // it answers itself.
    private static bool IsOfMessage(Exception e) => e is ArgumentException or InvalidOperationException or FormatException;

    private static Task RefuseAsync(HttpContext context, Exception e)
    {
        context.Response.Clear();
        context.Response.StatusCode = StatusCodes.Status400BadRequest;
        var answer = new JsonObject
        {
            ["jsonrpc"] = "2.0",
            ["id"] = null,
            ["error"] = new JsonObject
            {
                ["code"] = (int)McpErrorCode.InvalidRequest,
                ["message"] = $"The message cannot be read: {e.Message}",
            },
        };
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(answer.ToJsonString(), context.RequestAborted);
    }
}
