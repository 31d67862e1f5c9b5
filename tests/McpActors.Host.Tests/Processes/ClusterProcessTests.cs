using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace McpActors.Host.Tests.Processes;

/// <summary>Workers as nodes of a cluster, each a process of its own.</summary>
public class ClusterProcessTests
{
    private static readonly string File = Repository.At("hocon", "cluster.conf");

    [Fact]
    public async Task Three_workers_of_the_example_file_are_one_cluster()
    {
        var ports = FreePorts(3);
        var seeds = $"127.0.0.1:{ports[0]},127.0.0.1:{ports[1]}";
        await using var first = await NodeAsync(ports[0], seeds);
        await using var second = await NodeAsync(ports[1], seeds);
        await using var third = await NodeAsync(ports[2], seeds);
        HostProcess[] nodes = [first, second, third];

        // The last to join sees them all.
        await Eventually.TrueAsync(() => Task.FromResult(nodes.All(node => node.Log.Contains("is up in a cluster of", StringComparison.Ordinal))));
        Assert.Contains(nodes, node => node.Log.Contains("is up in a cluster of 3, with 127.0.0.1:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_seed_nodes_in_the_environment_make_a_node_of_a_worker_without_a_file()
    {
        var port = FreePorts(1)[0];
        await using var node = await HostProcess.DemoAsync(Variables(port, $"127.0.0.1:{port}"));

        await Eventually.TrueAsync(() => Task.FromResult(node.Log.Contains($"This node, 127.0.0.1:{port}, is up in a cluster of 1", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Says_what_it_waits_for_while_no_seed_node_answers()
    {
        var ports = FreePorts(2);
        await using var node = await NodeAsync(ports[1], $"127.0.0.1:{ports[0]}");

        await Eventually.TrueAsync(() => Task.FromResult(
            node.Log.Contains($"This node, 127.0.0.1:{ports[1]}, is in no cluster yet: it waits until one of the seed nodes answers (127.0.0.1:{ports[0]}).", StringComparison.Ordinal)));
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
            $"Failed to bind to the cluster's address 127.0.0.1:{port}: address already in use. Choose another port with MCP_ACTORS_CLUSTER_PORT or mcp-actors.cluster.port.",
            error.Trim());
    }

    [Fact]
    public async Task Ends_with_1_and_one_sentence_when_the_host_is_none_of_this_machine()
    {
        await using var node = HostProcess.Start(
            new Dictionary<string, string> { ["MCP_ACTORS_CLUSTER_HOSTNAME"] = "pool.invalid" }, "--config", File, "--urls", "http://127.0.0.1:0");

        var (exitCode, error) = await node.EndAsync();

        Assert.Equal(1, exitCode);
        Assert.StartsWith("Failed to bind to the cluster's address pool.invalid:8110: there is no such host.", error, StringComparison.Ordinal);
        Assert.Single(error.Trim().Split('\n'));
    }

    private static Task<HostProcess> NodeAsync(int port, string seeds) => HostProcess.ServeAsync(Variables(port, seeds), "--config", File);

    private static Dictionary<string, string> Variables(int port, string seeds) => new()
    {
        ["MCP_ACTORS_CLUSTER_PORT"] = port.ToString(CultureInfo.InvariantCulture),
        ["MCP_ACTORS_CLUSTER_SEED_NODES"] = seeds,
    };

    // Held together, so that they differ.
    private static int[] FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        listeners.ForEach(listener => listener.Start());
        var ports = listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port).ToArray();
        listeners.ForEach(listener => listener.Dispose());
        return ports;
    }
}
