using McpActors.Hosting;
using McpActors.Pool;
using McpActors.Tests.Transports;
using McpActors.Transports;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Xunit;

namespace McpActors.Tests.Hosting;

/// <summary>A pool whose settings are a section of the service's configuration.</summary>
public sealed class AppSettingsTests : IDisposable
{
    private readonly MemoryServers _memory = new();
    private readonly ListLogger _log = new();
    private readonly string _file = Path.GetTempFileName();

    public AppSettingsTests()
    {
        _memory.Add("a").Tool("who", () => "a");
        _memory.Add("b").Tool("who", () => "b");
    }

    public void Dispose() => File.Delete(_file);

    [Fact]
    public async Task A_pool_starts_from_a_section()
    {
        using var host = Build("""{ "McpPool": { "Servers": { "a": { "Uri": "memory://a" } } } }""");
        await host.StartAsync();

        var pool = host.Services.GetRequiredService<IMcpPool>();
        await pool.WaitUntilReadyAsync().WaitAsync(PoolHost.Patience);

        Assert.Equal("a", (await pool.CallToolAsync("who")).Server);
        await host.StopAsync();
    }

    [Fact]
    public async Task A_section_with_problems_keeps_the_host_from_starting_and_reports_all_of_them()
    {
        using var host = Build(
            """{ "McpPool": { "LoadBalancing": "magic", "CallTimeout": "soon", "Servers": { "a": { "Uri": "memory://a" } } } }""");

        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());

        Assert.Contains("McpPool:LoadBalancing", error.Message, StringComparison.Ordinal);
        Assert.Contains("McpPool:CallTimeout", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reload_adds_and_removes_servers()
    {
        using var host = Build("""{ "McpPool": { "Servers": { "a": { "Uri": "memory://a" } } } }""");
        await host.StartAsync();
        var pool = host.Services.GetRequiredService<IMcpPool>();
        await pool.WaitUntilReadyAsync().WaitAsync(PoolHost.Patience);

        Reload(host, """{ "McpPool": { "Servers": { "b": { "Uri": "memory://b" } } } }""");

        await Eventually.TrueAsync(
            async () => (await pool.GetStatusAsync()).Servers is [{ Name: "b", Status: ServerStatus.Connected }], "only b is in the pool");
        await host.StopAsync();
    }

    [Fact]
    public async Task A_reload_with_problems_changes_nothing_and_is_logged()
    {
        using var host = Build("""{ "McpPool": { "Servers": { "a": { "Uri": "memory://a" } } } }""");
        await host.StartAsync();
        var pool = host.Services.GetRequiredService<IMcpPool>();
        await pool.WaitUntilReadyAsync().WaitAsync(PoolHost.Patience);

        Reload(host, """{ "McpPool": { "LoadBalancing": "magic", "Servers": { "b": { "Uri": "memory://b" } } } }""");

        await Eventually.TrueAsync(
            () => _log.Lines.Any(line => line.Contains("McpPool:LoadBalancing", StringComparison.Ordinal)), "the problem is logged");
        Assert.Equal(["a"], (await pool.GetStatusAsync()).Servers.Select(server => server.Name));
        await host.StopAsync();
    }

    [Fact]
    public async Task A_reload_that_lost_every_server_is_rejected_as_a_broken_file()
    {
        using var host = Build("""{ "McpPool": { "Servers": { "a": { "Uri": "memory://a" } } } }""");
        await host.StartAsync();
        var pool = host.Services.GetRequiredService<IMcpPool>();
        await pool.WaitUntilReadyAsync().WaitAsync(PoolHost.Patience);

        Reload(host, """{ "McpPool": { "CallTimeout": "5s" } }""");

        await Eventually.TrueAsync(
            () => _log.Lines.Any(line => line.Contains("no servers", StringComparison.Ordinal)), "the loss is logged");
        Assert.Equal(["a"], (await pool.GetStatusAsync()).Servers.Select(server => server.Name));
        await host.StopAsync();
    }

    private IHost Build(string appSettings)
    {
        File.WriteAllText(_file, appSettings);
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddJsonFile(_file, optional: false, reloadOnChange: false);
        builder.Services.AddLogging(logging => logging.ClearProviders().AddProvider(_log));
        builder.Services.AddMcpPool(builder.Configuration.GetSection("McpPool"), options => options.MemoryServers = _memory);
        return builder.Build();
    }

    private void Reload(IHost host, string appSettings)
    {
        File.WriteAllText(_file, appSettings);
        ((IConfigurationRoot)host.Services.GetRequiredService<IConfiguration>()).Reload();
    }
}
