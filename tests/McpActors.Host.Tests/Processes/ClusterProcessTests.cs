using System.Globalization;
using System.Net;
using System.Net.Sockets;
using McpActors.Chaos.Cluster;
using McpActors.Host.Tests.Api;

namespace McpActors.Host.Tests.Processes;

/// <summary>Workers as nodes of a cluster, each a process of its own.</summary>
public class ClusterProcessTests
{
    private static readonly string File = Repository.At("hocon", "cluster.conf");

    [Fact]
    public async Task Three_workers_of_the_example_file_are_one_cluster()
    {
        var ports = FreePorts.Take(3);
        var seeds = $"127.0.0.1:{ports[0]},127.0.0.1:{ports[1]}";
        await using var first = await NodeAsync(ports[0], seeds);
        await using var second = await NodeAsync(ports[1], seeds);
        // Two nodes that come up at the same moment may not have learned of each other yet.
        await Eventually.TrueAsync(() => Task.FromResult(second.Log.Contains("is up in a cluster of", StringComparison.Ordinal)));
        await using var third = await NodeAsync(ports[2], seeds);
        HostProcess[] nodes = [first, second, third];

        // The last to join sees them all.
        await Eventually.TrueAsync(
            () => Task.FromResult(nodes.All(node => node.Log.Contains("is up in a cluster of", StringComparison.Ordinal))));
        Assert.Contains(nodes, node => node.Log.Contains("is up in a cluster of 3, with 127.0.0.1:", StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task A_child_process_of_a_node_that_is_killed_runs_on_another()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "ends processes with signals");
        var ports = FreePorts.Take(3);
        var seeds = $"127.0.0.1:{ports[0]},127.0.0.1:{ports[1]}";
        // The servers of the example, run by the worker that was built with these tests.
        var servers = string.Join('\n', Enumerable.Range(1, 3).Select(number =>
            $$"""
            office-{{number}} {
              command = "{{HostProcess.Built[0]}}", args = ["{{HostProcess.Built[1]}}", demo-server, "--name", office-{{number}}]
            }
            """));
        using var file = new TempFile($"mcp-actors {{ cluster.stable-after = 4s, pool.servers {{ {servers} }} }}");
        HostProcess[] nodes =
            await Task.WhenAll(ports.Select(port => HostProcess.ServeAsync(Variables(port, seeds), "--config", file.Name)));
        try
        {
            Dictionary<string, string?> holders = [];
            await Eventually.TrueAsync(
                async () => (holders = await HoldersAsync(nodes[0])).Values.OfType<string>().Distinct().Count() == 3);
            var (server, victim) = holders
                .Select(holder => (holder.Key, Node: Array.FindIndex(ports, port => holder.Value == $"127.0.0.1:{port}")))
                .First(holder => holder.Node > 0);
            int? before = null;
            await Eventually.TrueAsync(async () => (before = await ProcessAsync(nodes[0], server)) is not null);

            nodes[victim].Signal("KILL");

            int? after = null;
            await Eventually.TrueAsync(async () => (after = await ProcessAsync(nodes[0], server)) is not null && after != before);
            Assert.NotEqual(holders[server], (await HoldersAsync(nodes[0]))[server]);
        }
        finally
        {
            foreach (var node in nodes)
                await node.DisposeAsync();
        }
    }

    private static async Task<Dictionary<string, string?>> HoldersAsync(HostProcess node)
    {
        using var response = await node.Client.GetAsync("/api/status");
        return (await response.JsonAsync()).GetProperty("servers").EnumerateArray().ToDictionary(
            server => server.GetProperty("name").GetString()!,
            server => server.GetProperty("status").GetString() == "Connected"
                && server.TryGetProperty("node", out var holder) ? holder.GetString() : null);
    }

    // The process that answered; null when none could be reached.
    private static async Task<int?> ProcessAsync(HostProcess node, string server)
    {
        using var response = await node.ExecuteAsync($$"""{"method":"where","options":{"server":"{{server}}"} }""");
        return response.IsSuccessStatusCode
            ? (await response.JsonAsync()).GetProperty("result").GetProperty("structuredContent").GetProperty("process").GetInt32() : null;
    }

    [Fact]
    public async Task The_seed_nodes_in_the_environment_make_a_node_of_a_worker_without_a_file()
    {
        var port = FreePorts.Take(1)[0];
        await using var node = await HostProcess.DemoAsync(Variables(port, $"127.0.0.1:{port}"));

        await Eventually.TrueAsync(
            () => Task.FromResult(node.Log.Contains($"This node, 127.0.0.1:{port}, is up in a cluster of 1", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Logs_that_it_waits_while_no_seed_node_answers()
    {
        var ports = FreePorts.Take(2);
        await using var node = await NodeAsync(ports[1], $"127.0.0.1:{ports[0]}");

        await Eventually.TrueAsync(() => Task.FromResult(
            node.Log.Contains(
                $"This node, 127.0.0.1:{ports[1]}, is in no cluster yet: it waits until one of the seed nodes answers "
                    + $"(127.0.0.1:{ports[0]}).",
                StringComparison.Ordinal)));
    }

    // It has nothing to hand over, and no node would take it.
    [SkippableFact]
    public async Task A_node_that_waits_for_its_seed_nodes_stops_without_a_hand_over()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "ends processes with signals");
        var ports = FreePorts.Take(2);
        // A hand-over would take as long as the drain.
        using var file = new TempFile($"""
            include "{File}"
            mcp-actors.pool.drain-timeout = 60s
            """);
        await using var node = await HostProcess.ServeAsync(Variables(ports[1], $"127.0.0.1:{ports[0]}"), "--config", file.Name);
        await Eventually.TrueAsync(() => Task.FromResult(node.Log.Contains("is in no cluster yet", StringComparison.Ordinal)));
        var start = TimeProvider.System.GetTimestamp();

        node.Signal("TERM");
        var (exitCode, _) = await node.EndAsync();

        Assert.Equal(0, exitCode);
        Assert.InRange(TimeProvider.System.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(45));
    }

    [Fact]
    public async Task Ends_with_1_and_one_sentence_when_the_port_is_taken()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        await using var node = HostProcess.Start(Variables(port, "127.0.0.1:1"), "--config", File, "--urls", "http://127.0.0.1:0");

        var (exitCode, error) = await node.EndAsync();

        Assert.Equal(1, exitCode);
        Assert.Equal(
            $"Failed to bind to the cluster address 127.0.0.1:{port}: address already in use. "
                + "Choose another port with MCP_ACTORS_CLUSTER_PORT or mcp-actors.cluster.port.",
            error.Trim());
    }

    [Fact]
    public async Task Ends_with_1_and_one_sentence_when_the_host_is_not_on_this_machine()
    {
        await using var node = HostProcess.Start(
            new Dictionary<string, string>
            {
                ["MCP_ACTORS_CLUSTER_HOSTNAME"] = "pool.invalid",
                ["MCP_ACTORS_CLUSTER_PRIVATE_NETWORK"] = "on",
            },
            "--config", File, "--urls", "http://127.0.0.1:0");

        var (exitCode, error) = await node.EndAsync();

        Assert.Equal(1, exitCode);
        Assert.StartsWith(
            "Failed to bind to the cluster address pool.invalid:8110: there is no such host.", error, StringComparison.Ordinal);
        Assert.Single(error.Trim().Split('\n'));
    }

    [Fact]
    public async Task A_worker_that_starts_again_with_its_unchanged_file_keeps_what_another_has_changed()
    {
        var ports = FreePorts.Take(2);
        var seeds = $"127.0.0.1:{ports[0]}";
        const string Servers = """mcp-actors.pool.servers { a { uri = "http://127.0.0.1:1" }, b { uri = "http://127.0.0.1:1" } }""";
        using var edited = new TempFile(Servers);
        using var unchanged = new TempFile(Servers);
        await using var first = await HostProcess.ServeAsync(Variables(ports[0], seeds), "--config", edited.Name);
        await using (var second = await HostProcess.ServeAsync(Variables(ports[1], seeds), "--config", unchanged.Name))
        {
            edited.Write($$"""{{Servers}}{{Environment.NewLine}}mcp-actors.pool.routes = [{ match = work, server = b }]""");
            await Eventually.TrueAsync(async () => await RouteAsync(second) == "work");
        }

        await using var again = await HostProcess.ServeAsync(Variables(ports[1], seeds), "--config", unchanged.Name);
        await Eventually.TrueAsync(async () => await RouteAsync(again) == "work");
        using var reloaded = await again.Client.PostAsync("/api/reload", null);
        Assert.True(reloaded.IsSuccessStatusCode);

        // Arrives after what the reload may have changed.
        using var added = await again.Client.PostAsync("/api/servers", new StringContent("""{"name":"c","uri":"http://127.0.0.1:1"}"""));
        Assert.True(added.IsSuccessStatusCode);
        await Eventually.TrueAsync(async () => (await HoldersAsync(first)).ContainsKey("c"));
        Assert.Equal("work", await RouteAsync(first));
        Assert.Equal("work", await RouteAsync(again));
    }

    private static async Task<string?> RouteAsync(HostProcess node)
    {
        using var response = await node.Client.PostAsync("/api/explain", new StringContent("""{"method":"work"}"""));
        return (await response.JsonAsync()).TryGetProperty("route", out var route) ? route.GetString() : null;
    }

    [Fact]
    public async Task Does_not_start_beyond_loopback_without_tls()
    {
        await using var node = HostProcess.Start(
            new Dictionary<string, string>
            {
                ["MCP_ACTORS_CLUSTER_HOSTNAME"] = "0.0.0.0",
                ["MCP_ACTORS_CLUSTER_PUBLIC_HOSTNAME"] = "127.0.0.1",
            },
            "--config", File, "--urls", "http://127.0.0.1:0");

        var (exitCode, error) = await node.EndAsync();

        Assert.Equal(3, exitCode);
        Assert.Contains("mcp-actors.cluster.hostname", error, StringComparison.Ordinal);
        Assert.Contains("private-network = on", error, StringComparison.Ordinal);
    }

    private static Task<HostProcess> NodeAsync(int port, string seeds) => HostProcess.ServeAsync(Variables(port, seeds), "--config", File);

    private static Dictionary<string, string> Variables(int port, string seeds) => new()
    {
        ["MCP_ACTORS_CLUSTER_PORT"] = port.ToString(CultureInfo.InvariantCulture),
        ["MCP_ACTORS_CLUSTER_SEED_NODES"] = seeds,
    };
}
