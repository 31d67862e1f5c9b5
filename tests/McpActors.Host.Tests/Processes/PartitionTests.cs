using System.Text.Json;

namespace McpActors.Host.Tests.Processes;

/// <summary>Three workers on machines of a virtual network, of which one is cut off.</summary>
public class PartitionTests
{
    private const int Nodes = 3;

    private static readonly TimeSpan Guard = TimeSpan.FromMinutes(4);
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(50);

    [SkippableFact]
    public async Task The_smaller_side_goes_down_before_the_larger_takes_over_its_server()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "needs network namespaces");
        var (made, problem) = await VirtualNetwork.CreateAsync(Nodes);
        Skip.If(made is null, $"no network namespaces here: {problem}");
        await using var network = made;
        var servers = string.Join('\n', Enumerable.Range(1, Nodes).Select(number =>
            $$"""
            office-{{number}} {
              command = "{{HostProcess.Built[0]}}", args = ["{{HostProcess.Built[1]}}", demo-server, "--name", office-{{number}}]
            }
            """));
        using var file = new TempFile(
            $$"""
            mcp-actors {
              cluster.private-network = on
              cluster { stable-after = 4s, seed-nodes = ["{{VirtualNetwork.Address(0)}}:8110", "{{VirtualNetwork.Address(1)}}:8110"] }
              pool.servers { {{servers}} }
            }
            """);
        var nodes = await Task.WhenAll(Enumerable.Range(0, Nodes).Select(machine => HostProcess.ServeAsync(
            network.On(machine, HostProcess.Built),
            new Dictionary<string, string> { ["MCP_ACTORS_CLUSTER_HOSTNAME"] = VirtualNetwork.Address(machine) },
            ["--config", file.Name])));
        try
        {
            Dictionary<string, string?> holders = [];
            await Eventually.TrueAsync(
                async () => (holders = await HoldersAsync(network, nodes)).Values.OfType<string>().Distinct().Count() == Nodes);
            // Not the first, which a tie would favour.
            var cut = Nodes - 1;
            var server = holders.Single(holder => holder.Value == $"{VirtualNetwork.Address(cut)}:8110").Key;
            int? before = null;
            await Eventually.TrueAsync(async () => (before = await ProcessAsync(network, nodes, cut, server)) is not null);

            var since = TimeProvider.System.GetTimestamp();
            await network.PullCableAsync(cut);
            var smaller = WatchAsync(cut, _ => nodes[cut].HasEnded);
            var larger = WatchAsync(0, process => process is not null && process != before);
            var (exitCode, error) = await nodes[cut].EndAsync();
            // A process that answers existed at some time between query and answer, which may be seconds apart.
            var (lastThere, firstHere) = (
                Last(await smaller, look => look.Process == before, look => look.Asked),
                Last(await larger, look => look.Process is not null && look.Process != before, look => look.Answered));

            Assert.Equal(1, exitCode);
            Assert.Contains("This node was removed from its cluster", error, StringComparison.Ordinal);
            Assert.True(
                lastThere < firstHere, $"the old process was asked until {lastThere} and answered, the new one answered since {firstHere}");

            async Task<List<Look>> WatchAsync(int machine, Func<int?, bool> until)
            {
                var seen = new List<Look>();
                int? process;
                do
                {
                    var asked = TimeProvider.System.GetElapsedTime(since);
                    process = await ProcessAsync(network, nodes, machine, server);
                    seen.Add(new Look(asked, TimeProvider.System.GetElapsedTime(since), process));
                    await Task.Delay(Between, TimeProvider.System);
                    Assert.True(seen[^1].Answered < Guard, $"machine {machine} did not get there");
                }
                while (!until(process));
                return seen;
            }

            static TimeSpan Last(List<Look> seen, Func<Look, bool> which, Func<Look, TimeSpan> at) =>
                seen.Where(which).Select(at).DefaultIfEmpty().Max();
        }
        finally
        {
            foreach (var node in nodes)
                await node.DisposeAsync();
        }
    }

    private sealed record Look(TimeSpan Asked, TimeSpan Answered, int? Process);

    private static async Task<Dictionary<string, string?>> HoldersAsync(VirtualNetwork network, HostProcess[] nodes)
    {
        var uri = new Uri(nodes[0].Client.BaseAddress!, "/api/status");
        using var status = JsonDocument.Parse(
            await VirtualNetwork.RunAsync(network.On(0, "curl", "-s", "-m", "60", uri.ToString())));
        return status.RootElement.GetProperty("servers").EnumerateArray().ToDictionary(
            server => server.GetProperty("name").GetString()!,
            server => server.GetProperty("status").GetString() == "Connected"
                && server.TryGetProperty("node", out var holder) ? holder.GetString() : null);
    }

    // The process that answered; null when none could be reached.
    private static async Task<int?> ProcessAsync(VirtualNetwork network, HostProcess[] nodes, int machine, string server)
    {
        try
        {
            using var reply = JsonDocument.Parse(await VirtualNetwork.RunAsync(network.On(
                machine, "curl", "-s", "-m", "5", new Uri(nodes[machine].Client.BaseAddress!, "/api/execute").ToString(),
                "-d", JsonSerializer.Serialize(new { method = "where", options = new { server, timeoutMs = 2000 } }))));
            return reply.RootElement.TryGetProperty("result", out var result)
                ? result.GetProperty("structuredContent").GetProperty("process").GetInt32() : null;
        }
        catch (Exception e) when (e is InvalidOperationException or JsonException)
        {
            return null;
        }
    }
}
