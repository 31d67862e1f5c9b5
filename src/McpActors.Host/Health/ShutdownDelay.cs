using McpActors.Host.Settings;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace McpActors.Host.Health;

/// <summary>
/// Between being asked to stop and stopping (<c>shutdown-delay</c>): the worker serves as before while <c>/health/ready</c> says that it goes, so that whoever
/// distributes calls over several workers sends it none any more before its doors close. Each answer meanwhile says that the connection ends with it: one that is kept
/// open until then could be closed just as a request is written to it, and whoever sent that could not know whether it was taken.
/// </summary>
internal sealed class ShutdownDelay(HostSettings settings, IHostApplicationLifetime lifetime, TimeProvider time) : IHostedLifecycleService, IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        lifetime.ApplicationStopping.IsCancellationRequested ? HealthCheckResult.Unhealthy("it was asked to stop") : HealthCheckResult.Healthy());

    public Task StoppingAsync(CancellationToken cancellationToken) =>
        settings.ShutdownDelay > TimeSpan.Zero ? Task.Delay(settings.ShutdownDelay, time, cancellationToken) : Task.CompletedTask;

    /// <summary>Ends the connection of a request that is answered while the worker goes (RFC 9112, 9.6; later versions of HTTP say so by themselves).</summary>
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
