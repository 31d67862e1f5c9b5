using Akka.Actor;
using Akka.Hosting;
using McpActors.Hosting;
using McpActors.Pool;
using McpActors.Transports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Xunit;

namespace McpActors.Tests.Hosting;

/// <summary>The injected pool while its host starts and stops, and where the wiring is incomplete.</summary>
public sealed class HostedPoolTests
{
    private readonly MemoryServers _memory = new();

    public HostedPoolTests() => _memory.Add("a").Tool("who", () => "a");

    [Fact]
    public async Task A_background_service_that_starts_before_the_pool_calls_it()
    {
        using var host = Build(services =>
        {
            services.AddSingleton<Caller>();
            services.AddHostedService(provider => provider.GetRequiredService<Caller>());
            AddPool(services);
        });

        await host.StartAsync();

        Assert.Equal("a", (await host.Services.GetRequiredService<Caller>().Answer.WaitAsync(PoolHost.Patience)).Server);
        await host.StopAsync();
    }

    [Fact]
    public async Task A_call_before_the_host_runs_waits_for_the_pool()
    {
        using var host = Build(AddPool);
        var pool = host.Services.GetRequiredService<IMcpPool>();

        var ready = pool.WaitUntilReadyAsync();
        await host.StartAsync();

        Assert.Equal("a", (await ready.WaitAsync(PoolHost.Patience)).Servers.Single().Name);
        await host.StopAsync();
    }

    [Fact]
    public async Task A_call_that_is_cancelled_before_the_pool_is_there_did_not_run()
    {
        using var host = Build(AddPool);
        using var cancel = new CancellationTokenSource();

        var call = host.Services.GetRequiredService<IMcpPool>().CallToolAsync("who", cancellationToken: cancel.Token);
        await cancel.CancelAsync();

        Assert.False((await Assert.ThrowsAsync<CallCancelledException>(() => call)).MayHaveRun);
    }

    [Fact]
    public async Task The_error_of_a_service_without_a_pool_names_the_missing_call()
    {
        using var host = Build(services => services.AddMcpPoolClient());

        var error = await Assert.ThrowsAsync<InvalidOperationException>(
            () => host.Services.GetRequiredService<IMcpPool>().GetStatusAsync());

        Assert.Contains("AddMcpPool(settings)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_error_of_a_service_with_akka_but_without_a_pool_names_the_missing_call()
    {
        using var host = Build(services => services.AddAkka("other", _ => { }).AddMcpPoolClient());
        await host.StartAsync();

        var error = await Assert.ThrowsAsync<InvalidOperationException>(
            () => host.Services.GetRequiredService<IMcpPool>().CallToolAsync("who").WaitAsync(PoolHost.Patience));

        Assert.Contains("WithMcpPool", error.Message, StringComparison.Ordinal);
        await host.StopAsync();
    }

    [Fact]
    public async Task A_wait_for_a_server_ends_when_the_host_is_asked_to_stop()
    {
        using var host = Build(AddPool);
        await host.StartAsync();
        var waiting = host.Services.GetRequiredService<IMcpPool>().WaitUntilReadyAsync("nobody", Timeout.InfiniteTimeSpan);

        host.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(PoolHost.Patience));
        await host.StopAsync();
    }

    [Fact]
    public async Task A_time_limit_covers_the_start_of_the_pool_as_well()
    {
        using var host = Build(AddPool);

        await Assert.ThrowsAsync<TimeoutException>(
            () => host.Services.GetRequiredService<IMcpPool>().WaitUntilReadyAsync(timeout: TimeSpan.FromMilliseconds(50)));
    }

    [Fact]
    public async Task A_host_whose_pool_has_stopped_stops_without_waiting_for_it()
    {
        using var host = Build(services => services.AddMcpPool(
            PoolHost.Settings("a") with { DrainTimeout = TimeSpan.FromHours(1) }, options => options.MemoryServers = _memory));
        await host.StartAsync();
        var pool = host.Services.GetRequiredService<ActorRegistry>().Get<PoolActorKey>();
        await pool.GracefulStop(PoolHost.Patience);

        await host.StopAsync().WaitAsync(PoolHost.Patience);
    }

    private void AddPool(IServiceCollection services) =>
        services.AddMcpPool(PoolHost.Settings("a"), options => options.MemoryServers = _memory);

    private static IHost Build(Action<IServiceCollection> configure)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddLogging(logging => logging.ClearProviders());
        configure(builder.Services);
        return builder.Build();
    }

    private sealed class Caller(IMcpPool pool) : BackgroundService
    {
        private readonly TaskCompletionSource<CallCompleted> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<CallCompleted> Answer => _answer.Task;

        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            try
            {
                await pool.WaitUntilReadyAsync(cancellationToken: stoppingToken);
                _answer.SetResult(await pool.CallToolAsync("who", cancellationToken: stoppingToken));
            }
            catch (Exception e)
            {
                _answer.SetException(e);
            }
        }
    }
}
