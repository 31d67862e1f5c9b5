using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace McpActors.Host.Tests;

public class WorkerTests
{
    [Fact]
    public async Task The_error_that_ended_a_service_is_found_once_the_host_has_stopped()
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.ClearProviders();
        builder.Services.AddHostedService<Failing>();
        using var host = builder.Build();

        await host.StartAsync();
        await host.WaitForShutdownAsync().ContinueWith(_ => { }, TaskScheduler.Default);

        Assert.Equal("the disk is gone", Worker.ErrorOfService(host.Services)!.Message);
    }

    [Fact]
    public async Task A_requested_stop_is_no_error()
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddHostedService<Waiting>();
        using var host = builder.Build();
        await host.StartAsync();

        await host.StopAsync();

        Assert.Null(Worker.ErrorOfService(host.Services));
    }

    private sealed class Failing : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            await Task.Yield();
            throw new IOException("the disk is gone");
        }
    }

    private sealed class Waiting : BackgroundService
    {
        protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
            Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stoppingToken);
    }
}
