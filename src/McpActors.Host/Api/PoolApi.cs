using McpActors.Configuration;
using McpActors.Host.Api.Contract;
using McpActors.Host.Health;
using McpActors.Host.Reloading;
using McpActors.Host.Security;
using McpActors.Host.Settings;
using McpActors.Host.Telemetry;
using McpActors.Hosting;
using McpActors.Pool;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace McpActors.Host.Api;

/// <summary>The HTTP API of the pool. <c>docs/http-api.md</c> is its contract.</summary>
internal static class PoolApi
{
    /// <summary>The most bytes of a body beside the parameters, which have their own limit.</summary>
    private const int EnvelopeSize = 64 * 1024;

    /// <summary>Adds the services for <see cref="UsePoolApi"/>, which also needs an <see cref="Pool.IMcpPool"/>.</summary>
    /// <param name="builder">The host.</param>
    /// <param name="settings">The pool's settings, for limits.</param>
    /// <param name="host">The worker's own settings; null: the defaults.</param>
    /// <param name="configFile">The configuration file, for reloading; null: there is none.</param>
    public static void AddPoolApi(
        this WebApplicationBuilder builder, PoolSettings settings, HostSettings? host = null, string? configFile = null)
    {
        host ??= new HostSettings();
        builder.AddAccessControl(host);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(services => new ConfigurationReloader(
            configFile,
            services.GetRequiredService<IMcpPool>,
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILogger<ConfigurationReloader>>()));

        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = settings.MaxRequestSize + EnvelopeSize;
        });
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            // For the OpenAPI document, which is generated from these options; the endpoints use ApiJson.Strict directly.
            json.SerializerOptions.NumberHandling = ApiJson.Strict.Options.NumberHandling;
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJson.Strict);
            foreach (var converter in ApiJson.Strict.Options.Converters)
                json.SerializerOptions.Converters.Add(converter);
        });
        builder.Services.AddApiDocument();
        builder.Services.AddSingleton(services => new ShutdownDelay(
            host, services.GetRequiredService<IHostApplicationLifetime>(), TimeProvider.System));
        builder.Services.AddHostedService(services => services.GetRequiredService<ShutdownDelay>());
        builder.Services.AddHealthChecks()
            .AddMcpPoolChecks([.. host.RequiredGroups])
            .AddCheck<ShutdownDelay>("serving", tags: [McpPoolHealthExtensions.ReadyTag]);
        builder.AddHostTelemetry(settings);
    }

    /// <summary>Adds the routes and, before them, the guard against pages of other sites and JSON bodies for errors without one.</summary>
    public static void UsePoolApi(this WebApplication app)
    {
        app.Use(next => context => app.Services.GetRequiredService<ShutdownDelay>().EndConnectionAsync(context, next));
        app.UseExceptionHandler(new ExceptionHandlerOptions { ExceptionHandler = AnswerFault, SuppressDiagnosticsCallback = IsAbort });
        app.UseStatusCodePages(context => AnswerEmpty(context.HttpContext));
        app.UseMiddleware<BrowserGuard>();
        app.UseAccessControl();

        app.MapExecute();
        app.MapExplain();
        app.MapStatus();
        app.MapCluster();
        app.MapTools();
        app.MapServerCommands();
        app.MapServerMembership();
        app.MapReload();
        app.MapUnknownApiRoutes();
        app.MapPoolHealth();
        app.MapMetrics();
        app.MapOpenApi("/openapi/{documentName}.json");
    }

    private static Task AnswerFault(HttpContext context)
    {
        // The cause is in the log only: it may contain details that a client must not see.
        context.Response.StatusCode = StatusCodes.Status500InternalServerError;
        return Answer(
            context,
            ErrorBody.InternalError,
            "Internal error; the log of the worker has the cause. The request may or may not have taken effect.");
    }

    private static bool IsAbort(ExceptionHandlerSuppressDiagnosticsContext fault) =>
        fault.Exception is OperationCanceledException && fault.HttpContext.RequestAborted.IsCancellationRequested;

    private static Task AnswerEmpty(HttpContext context)
    {
        var (request, status) = (context.Request, context.Response.StatusCode);
        return Answer(context, nameof(PoolErrorKind.InvalidRequest), status switch
        {
            StatusCodes.Status404NotFound => $"There is no {request.Path} in this API; /openapi/v1.json describes it.",
            StatusCodes.Status405MethodNotAllowed =>
                $"{request.Path} does not support {request.Method}; use {context.Response.Headers.Allow}.",
            _ => $"HTTP {status}.",
        });
    }

    private static Task Answer(HttpContext context, string kind, string message) =>
        context.Response.WriteAsJsonAsync(ErrorReply.Of(kind, message), ApiJson.Strict.ErrorReply);
}
