using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using McpActors.Chaos.Servers;

namespace McpActors.Chaos.Cluster;

/// <summary>The course of one call from its caller's view.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Safe">It may run twice.</param>
/// <param name="Alone">It went to the group of which the cluster has one connection to each server.</param>
/// <param name="From">When it was sent, as a timestamp.</param>
/// <param name="To">When it was answered or given up, as a timestamp.</param>
/// <param name="Fault">The fault during the call.</param>
/// <param name="Kind">Null: success. Else the kind of the pool's error; <c>OutcomeUnknown</c> also when the request broke off.</param>
/// <param name="Tries">The number of nodes it was sent to.</param>
/// <param name="Words">The message of the last node.</param>
internal sealed record NodeCall(
    long Number, bool Safe, bool Alone, long From, long To, NodeFault? Fault, string? Kind, int Tries, string Words)
{
    public override string ToString() =>
        $"call {Number} ({(Safe ? "safe" : "unsafe")}, {(Alone ? "one-node" : "every-node")}, "
        + $"{Fault?.Name() ?? "no fault"}, {Tries} nodes): {Kind} {Words}";
}

/// <summary>
/// Callers over HTTP that behave like clients of several hosts: they send nothing to a node that is not ready, try another node when one
/// did not accept the call, and when a request broke off only if the call is safe.
/// </summary>
internal sealed class NodeLoad(IReadOnlyList<NodeProcess> nodes, Func<NodeFault?> fault, int seed, int leisure)
{
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(50);

    /// <summary>The whole time of a call on one node.</summary>
    private readonly TimeSpan _timeout = TimeSpan.FromSeconds(10) * leisure;

    private readonly HttpClient _client = new(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(1) * leisure })
    {
        Timeout = TimeSpan.FromSeconds(12) * leisure,
    };

    /// <summary>How late the health checks of all nodes may be at the same time; zero on an idle machine.</summary>
    private readonly TimeSpan _uncertain = TimeSpan.FromSeconds(leisure - 1);

    private long _lastNumber;

    /// <summary>Runs until cancelled; running calls then end.</summary>
    public async Task<IReadOnlyList<NodeCall>> RunAsync(int callers, CancellationToken end)
    {
        var records = await Task.WhenAll(Enumerable.Range(0, callers).Select(StartCaller));
        return [.. records.SelectMany(calls => calls)];

        Task<List<NodeCall>> StartCaller(int caller) =>
            Task.Run(() => CallAsync(new Random(seed + caller), end), CancellationToken.None);
    }

    private async Task<List<NodeCall>> CallAsync(Random random, CancellationToken end)
    {
        var records = new List<NodeCall>();
        while (!end.IsCancellationRequested)
        {
            var record = await CallAsync(Interlocked.Increment(ref _lastNumber), random);
            records.Add(record);
            if (record.Kind is not null)
                await Task.Delay(Breath, TimeProvider.System, CancellationToken.None);
        }
        return records;
    }

    private async Task<NodeCall> CallAsync(long number, Random random)
    {
        var tool = Tools.ForCall(number);
        var safe = tool != Tools.Unsafe;
        var alone = number / 4 % 2 == 0;
        var from = TimeProvider.System.GetTimestamp();
        var before = fault();
        for (var waited = TimeSpan.Zero; waited < _uncertain && !nodes.Any(node => node.IsReady); waited += Breath)
            await Task.Delay(Breath, TimeProvider.System);
        var (kind, words, tries) = ("NoServerAvailable", "no node is ready", 0);
        foreach (var node in nodes.Where(node => node.IsReady).OrderBy(_ => random.Next()).Take(3).ToArray())
        {
            tries++;
            (kind, words) = await SendAsync(node, tool, number, alone ? ClusterFile.AloneGroup : ClusterFile.EveryGroup);
            // Nothing was sent, or sending it again is safe.
            if (kind == "" || (kind is not ("NoServerAvailable" or Refused) && !(kind == BrokenOff && safe)))
                break;
        }
        return new NodeCall(
            number, safe, alone, from, TimeProvider.System.GetTimestamp(), before ?? fault(),
            kind switch { "" => null, BrokenOff => "OutcomeUnknown", Refused => "NoServerAvailable", _ => kind }, tries, words);
    }

    private const string Refused = "(refused)";
    private const string BrokenOff = "(broken off)";

    private async Task<(string Kind, string Words)> SendAsync(NodeProcess node, string tool, long number, string group)
    {
        try
        {
            using var reply = await _client.PostAsJsonAsync(new Uri(node.Address, "/api/execute"), new
            {
                method = "tools/call",
                @params = new { name = tool, arguments = new Dictionary<string, long> { [Tools.Argument] = number } },
                options = new { group, timeoutMs = (int)_timeout.TotalMilliseconds },
            });
            var text = await reply.Content.ReadAsStringAsync();
            if (reply.StatusCode == HttpStatusCode.OK)
                return ("", "");
            using var json = JsonDocument.Parse(text);
            return (json.RootElement.GetProperty("error").GetProperty("kind").GetString()!, $"{node.Name}: {text}");
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.ConnectionError)
        {
            return (Refused, $"{node.Name}: {e.Message}");
        }
        catch (Exception e) when (e is HttpRequestException or IOException or TaskCanceledException or JsonException)
        {
            return (BrokenOff, $"{node.Name}: {e.Message}");
        }
    }
}
