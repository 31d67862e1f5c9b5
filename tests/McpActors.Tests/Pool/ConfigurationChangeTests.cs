using McpActors.Configuration;
using McpActors.Pool;
using McpActors.Tests.Configuration;
using McpActors.Transports;
using Xunit;

namespace McpActors.Tests.Pool;

/// <summary>A configuration that changes while the pool runs.</summary>
public sealed class ConfigurationChangeTests
{
    private static readonly PoolSettings Old = PoolHost.Settings("a", "b");
    private readonly MemoryServers _memory = new();

    [Fact]
    public void The_same_configuration_read_again_changes_nothing()
    {
        const string Hocon = """
            mcp-actors.pool {
              servers { a { command = run, args = ["x"], env { K = v }, group = g } }
              routes = [{ match = "read_*", group = g, hedge = p95, failover { max-attempts = 2 } }]
              groups { g { load-balancing = random } }
            }
            """;
        using var folder = new ConfigurationFolder();
        var (first, second) = (folder.Read(Hocon), folder.Read(Hocon));

        Assert.True(Between(first, second, first.Servers).IsNothing);
    }

    [Fact]
    public void Servers_are_compared_by_name_and_settings()
    {
        var headers = new Dictionary<string, Secret> { ["X"] = Secret.FromLiteral("1") };
        var now = Old with { Servers = [Old.Servers[0] with { Headers = headers }, Named("c")] };

        var change = Between(Old, now, Old.Servers);

        Assert.Equal(["c"], Names(change.Added));
        Assert.Equal(["a"], Names(change.Replaced));
        Assert.Equal(["b"], change.Removed);
        Assert.Empty(change.Keys);
    }

    [Fact]
    public void A_server_added_by_command_stays()
    {
        var change = Between(Old, Old, [.. Old.Servers, Named("by-hand")]);

        Assert.True(change.IsNothing);
    }

    [Fact]
    public void A_change_of_a_setting_of_every_connection_replaces_every_server()
    {
        var change = Between(Old, Old with { MaxInFlight = 3 }, [.. Old.Servers, Named("by-hand")]);

        Assert.Equal(["a", "b", "by-hand"], change.Rebuilt);
        Assert.Empty(change.Replaced);
        Assert.Equal(["max-in-flight"], change.Keys);
    }

    [Fact]
    public void A_change_of_routes_replaces_nothing()
    {
        var change = Between(Old, Old with { Routes = [new() { Match = "*", Group = "default" }] }, Old.Servers);

        Assert.Empty(change.Replaced);
        Assert.Equal(["routes"], change.Keys);
    }

    [Fact]
    public async Task A_running_pool_adopts_a_new_configuration_without_losing_a_call()
    {
        foreach (var name in new[] { "a", "b", "c" })
            _memory.Add(name).Tool("who", () => name);
        await using var host = await PoolHost.StartConnectedAsync(Old, _memory);
        using var end = new CancellationTokenSource();
        var calling = Task.Run(async () =>
        {
            var answered = 0;
            while (!end.IsCancellationRequested)
            {
                await host.Pool.CallToolAsync("who");
                answered++;
            }
            return answered;
        });

        await host.Pool.CommandAsync(new ApplyConfiguration(Old with
        {
            Servers = [Old.Servers[0] with { Weight = 3 }, Named("c")],
            LoadBalancing = "least-connections",
        }));

        var status = await host.UntilAsync(pool => pool.Servers.All(server => server.Status == ServerStatus.Connected && server.Name != "b")
            && pool.Servers.Any(server => server is { Name: "a", Weight: 3 }));
        Assert.Equal(["a", "c"], status.Servers.Select(server => server.Name));
        await end.CancelAsync();
        Assert.True(await calling > 0);
        Assert.Equal("least-connections", (await host.Pool.ExplainAsync(new CallTool("who"))).Strategy);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_list_that_its_owner_changes_afterwards_changes_nothing(bool atTheStart)
    {
        _memory.Add("a").Tool("who", () => "a");
        var servers = new List<ServerSettings>(PoolHost.Settings("a").Servers);
        var settings = PoolHost.Settings("a") with { Servers = servers };
        await using var host = await PoolHost.StartConnectedAsync(atTheStart ? settings : PoolHost.Settings("a"), _memory);
        if (!atTheStart)
            await host.Pool.CommandAsync(new ApplyConfiguration(settings));

        servers.Clear();
        servers.Add(null!);
        await host.Pool.CommandAsync(new ApplyConfiguration(PoolHost.Settings("a") with { LoadBalancing = "random" }));

        Assert.Equal("a", (await host.Pool.CallToolAsync("who")).Server);
    }

    [Fact]
    public async Task A_wrong_configuration_changes_nothing_and_names_every_problem()
    {
        _memory.Add("a").Tool("who", () => "a");
        await using var host = await PoolHost.StartConnectedAsync(PoolHost.Settings("a"), _memory);

        var refused = await Assert.ThrowsAsync<CommandRefusedException>(
            () => host.Pool.CommandAsync(new ApplyConfiguration(new PoolSettings { MaxInFlight = 0, LoadBalancing = "magic" })));

        Assert.Contains("max-in-flight", refused.Message, StringComparison.Ordinal);
        Assert.Contains("magic", refused.Message, StringComparison.Ordinal);
        Assert.Equal("a", (await host.Pool.CallToolAsync("who")).Server);
    }

    [Fact]
    public void Settings_that_the_file_did_not_change_stay_as_commands_and_other_nodes_made_them()
    {
        var inForce = Old with { Routes = [new() { Match = "*", Group = "default" }], LoadBalancing = "random" };

        var change = ConfigurationChange.Between(Old, Old, inForce, [Old.Servers[0] with { Weight = 7 }]);

        Assert.True(change.IsNothing);
        Assert.False(change.IsOfRouting);
        Assert.Equal(("random", 1), (change.After.LoadBalancing, change.After.Routes.Count));
    }

    [Fact]
    public void Changes_of_the_file_win_and_the_rest_stays()
    {
        var now = Old with { LoadBalancing = "least-connections", Servers = [Old.Servers[0], Old.Servers[1] with { Weight = 3 }] };
        var inForce = Old with { Routes = [new() { Match = "*", Group = "default" }], LoadBalancing = "random" };

        // Meanwhile commands have changed a, and removed b, which the file has changed.
        var change = ConfigurationChange.Between(Old, now, inForce, [Old.Servers[0] with { Weight = 7 }]);

        Assert.Equal(["b"], Names(change.Added));
        Assert.Empty(change.Replaced);
        Assert.Equal(["load-balancing"], change.Keys);
        Assert.True(change.IsOfRouting);
        Assert.Equal(("least-connections", 1), (change.After.LoadBalancing, change.After.Routes.Count));
    }

    [Fact]
    public void A_change_that_another_node_has_made_too_changes_nothing()
    {
        var now = Old with { LoadBalancing = "random", Servers = [Old.Servers[0] with { Weight = 3 }] };

        Assert.True(ConfigurationChange.Between(Old, now, now, now.Servers).IsNothing);
    }

    // A pool that nothing but its file has changed.
    private static ConfigurationChange Between(PoolSettings old, PoolSettings now, IReadOnlyCollection<ServerSettings> running) =>
        ConfigurationChange.Between(old, now, old, running);

    private static ServerSettings Named(string name) => new() { Name = name, Uri = new Uri($"memory://{name}") };

    private static IEnumerable<string> Names(IEnumerable<ServerSettings> servers) => servers.Select(server => server.Name);
}
