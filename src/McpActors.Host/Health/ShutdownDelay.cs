using McpActors.Host.Settings;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace McpActors.Host.Health;

/// <summary>
/// The time between the request to stop and the stop (<c>shutdown-delay</c>). The worker serves as before while <c>/health/ready</c> is
/// unhealthy, so that a load balancer stops sending requests to it. Each answer in this time closes its connection: a connection that is
/// kept alive could be closed just as a client writes a request to it, and the client could not know whether the request was received.
/// </summary>
internal sealed class ShutdownDelay(HostSettings settings, IHostApplicationLifetime lifetime, TimeProvider time)
    : IHostedLifecycleService, IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(lifetime.ApplicationStopping.IsCancellationRequested
            ? HealthCheckResult.Unhealthy("the worker is stopping")
            : HealthCheckResult.Healthy());

    public Task StoppingAsync(CancellationToken cancellationToken) =>
        settings.ShutdownDelay > TimeSpan.Zero ? Task.Delay(settings.ShutdownDelay, time, cancellationToken) : Task.CompletedTask;

    /// <summary>
    /// Closes the connection of a request that is answered while the worker stops (RFC 9112, 9.6; HTTP/2 and 3 do so by themselves).
    /// </summary>
    public Task EndConnectionAsync(HttpContext context, RequestDelegate next)
    {
        context.Response.OnStarting(() =>
        {
            if (lifetime.ApplicationStopping.IsCancellationRequested && HttpProtocol.IsHttp11(context.Request.Protocol))
                context.Response.Headers.Connection = "close";
            return Task.CompletedTask;
        });
        return next(context);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
