using McpActors.Configuration;
using McpActors.Host.Api.Contract;
using McpActors.Host.Health;
using McpActors.Host.Listening;
using McpActors.Host.Reloading;
using McpActors.Host.Security;
using McpActors.Host.Settings;
using McpActors.Host.Telemetry;
using McpActors.Hosting;
using McpActors.Pool;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace McpActors.Host.Api;

/// <summary>The HTTP API of the pool. <c>docs/http-api.md</c> is its contract.</summary>
internal static class PoolApi
{
    /// <summary>The most bytes of a body beside the parameters, which have their own limit.</summary>
    private const int EnvelopeSize = 64 * 1024;

    private static readonly string[] PathsOfPrograms = ["/api", "/metrics", "/openapi", "/health"];

    /// <summary>Adds the services for <see cref="UsePoolApi"/>, which also needs an <see cref="Pool.IMcpPool"/>.</summary>
    /// <param name="builder">The host.</param>
    /// <param name="settings">The pool's settings, for limits.</param>
    /// <param name="host">The worker's own settings; null: the defaults.</param>
    /// <param name="configFile">The configuration file, for reloading; null: there is none.</param>
    /// <param name="configured">What was read from it at the start; null: nothing.</param>
    public static void AddPoolApi(
        this WebApplicationBuilder builder, PoolSettings settings, HostSettings? host = null, string? configFile = null,
        WorkerConfiguration? configured = null)
    {
        host ??= new HostSettings();
        builder.AddAccessControl(host);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(services => new ConfigurationReloader(
            configFile,
            configured,
            services.GetRequiredService<IMcpPool>,
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILogger<ConfigurationReloader>>()));

        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = settings.MaxRequestSize + EnvelopeSize;
            if (FileLimit.OfProcess() is not { } files)
                return;
            // A WebSocket counts as upgraded and no longer as the other kind.
            kestrel.Limits.MaxConcurrentConnections = FileLimit.Connections(files) / 2;
            kestrel.Limits.MaxConcurrentUpgradedConnections = FileLimit.Connections(files) / 2;
        });
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            // For the OpenAPI document, which is generated from these options; the endpoints use ApiJson.Strict directly.
            json.SerializerOptions.NumberHandling = ApiJson.Strict.Options.NumberHandling;
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJson.Strict);
            foreach (var converter in ApiJson.Strict.Options.Converters)
                json.SerializerOptions.Converters.Add(converter);
        });
        builder.Services.AddSingleton<Answers>();
        builder.Services.AddSingleton<AddedServers>();
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
        app.UseExceptionHandler(new ExceptionHandlerOptions { ExceptionHandler = AnswerFault, SuppressDiagnosticsCallback = IsOfClient });
        app.UseTrustedProxies();
        app.UsePublicUrls();
        app.UseStatusCodePages(context => AnswerEmpty(context.HttpContext));
        app.UseWhen(IsOfProgram, branch => branch.Use(app.Services.GetRequiredService<Answers>().LimitAsync));
        app.UseMiddleware<BrowserGuard>();
        app.UseAccessControl();

        var api = app.MapGroup("").WithMetadata(ApiDocument.Error(401), ApiDocument.Error(429));
        api.MapExecute();
        api.MapExplain();
        api.MapStatus();
        api.MapCluster();
        api.MapTools();
        api.MapServerCommands();
        api.MapServerMembership();
        api.MapReload();
        app.MapUnknownApiRoutes();
        app.MapPoolHealth();
        app.MapMetrics();
        app.MapOpenApi("/openapi/{documentName}.json");
    }

    // Everything but the dashboard, whose files a slow phone may load for minutes.
    private static bool IsOfProgram(HttpContext context) =>
        PathsOfPrograms.Any(path => context.Request.Path.StartsWithSegments(path));

    private static Task AnswerFault(HttpContext context)
    {
        if (context.Features.Get<IExceptionHandlerFeature>()?.Error is { } fault && StatusOfClientFault(fault) is { } status)
        {
            context.Response.StatusCode = status;
            return Answer(context, nameof(PoolErrorKind.InvalidRequest), $"The request cannot be read: {fault.Message}");
        }
        // The cause is in the log only: it may contain details that a client must not see.
        context.Response.StatusCode = StatusCodes.Status500InternalServerError;
        return Answer(
            context,
            ErrorBody.InternalError,
            "Internal error; the log of the worker has the cause. The request may or may not have taken effect.");
    }

    // What a client sent or did needs no entry in the log.
    private static bool IsOfClient(ExceptionHandlerSuppressDiagnosticsContext fault) =>
        StatusOfClientFault(fault.Exception) is not null
        || (fault.Exception is OperationCanceledException or IOException && fault.HttpContext.RequestAborted.IsCancellationRequested);

    private static int? StatusOfClientFault(Exception fault) => fault switch
    {
        BadHttpRequestException bad => bad.StatusCode,
        AntiforgeryValidationException => StatusCodes.Status400BadRequest,
        _ => null,
    };

    private static Task AnswerEmpty(HttpContext context)
    {
        var (request, status) = (context.Request, context.Response.StatusCode);
        if (request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase))
            return ErrorPage.WriteAsync(context);
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
