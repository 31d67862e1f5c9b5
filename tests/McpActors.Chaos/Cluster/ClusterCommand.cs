using System.Globalization;
using McpActors.Chaos.Driving;
using McpActors.Chaos.Servers;

namespace McpActors.Chaos.Cluster;

/// <summary>
/// One run with a cluster: nodes (workers in processes of their own), two servers that each node has a connection to, three of which the
/// cluster has one connection each, load over HTTP through all nodes, faults of nodes, and the count over all of it.
/// </summary>
internal static class ClusterCommand
{
    private const string Loopback = "127.0.0.1";
    private const int Cuts = 4;

    /// <summary>
    /// Shorter than the time after which the nodes miss each other. If they miss each other repeatedly, Akka shuts down the whole cluster
    /// (<c>down-all-when-unstable</c>).
    /// </summary>
    private static readonly TimeSpan LongestCut = TimeSpan.FromSeconds(2.5);
    private static readonly TimeSpan BetweenCuts = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Aftermath = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    public static async Task<int> RunAsync(string[] args)
    {
        int seed, rounds, callers, stable, nodes, calm, leisure;
        IReadOnlyList<NodeFault> faults;
        CommandLine options;
        try
        {
            options = new CommandLine(
                args,
                ["--seed", "--rounds", "--callers", "--faults", "--nodes", "--calm", "--stable-after", "--leisure", "--host", "--logs"],
                []);
            seed = options.Number("--seed", 1, least: 0);
            rounds = options.Number("--rounds", 1, least: 1);
            callers = options.Number("--callers", 16, least: 1);
            stable = options.Number("--stable-after", 10, least: 1);
            nodes = options.Number("--nodes", 3, least: 1);
            calm = options.Number("--calm", 3, least: 1);
            // The factor of the time limits of calls, checks and leaving, for a busy machine.
            leisure = options.Number("--leisure", 1, least: 1);
            faults = options.Has("--faults") ? NodeFaults.Parse(options.Text("--faults")) : Enum.GetValues<NodeFault>();
        }
        catch (ArgumentException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 2;
        }
        var directory = Directory.CreateTempSubdirectory("mcp-actors-cluster-");
        try
        {
            var run = new ClusterRun(
                seed,
                callers,
                nodes,
                TimeSpan.FromSeconds(calm),
                options.Has("--host") ? options.Text("--host") : BuiltHost(),
                stable,
                leisure,
                directory.FullName);
            return await run.RunAsync(rounds, faults) ? 1 : 0;
        }
        finally
        {
            if (options.Has("--logs"))
                KeepLogs(directory.FullName, options.Text("--logs"));
            directory.Delete(recursive: true);
        }
    }

    // The worker that was built beside this program, in the same build configuration.
    private static string BuiltHost()
    {
        var own = new DirectoryInfo(AppContext.BaseDirectory);
        var (framework, configuration) = (own.Name, own.Parent!.Name);
        for (var folder = own; folder is not null; folder = folder.Parent)
        {
            var host = Path.Combine(folder.FullName, "src", "McpActors.Host", "bin", configuration, framework, "McpActors.Host.dll");
            if (File.Exists(host))
                return host;
        }
        throw new InvalidOperationException("the worker is not built; build the solution, or name its McpActors.Host.dll by --host");
    }

    private static void KeepLogs(string directory, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var log in Directory.EnumerateFiles(directory, "*.log"))
            File.Copy(log, Path.Combine(to, Path.GetFileName(log)), overwrite: true);
    }

    /// <summary>One run.</summary>
    private sealed class ClusterRun(
        int seed, int callers, int nodeCount, TimeSpan calm, string program, int stableAfter, int leisure, string directory)
    {
        private readonly Random _random = new(seed);
        private readonly SortedDictionary<string, int> _faults = new(StringComparer.Ordinal);
        private readonly List<string> _recoveries = [];
        private TcpLink[] _links = [];
        private NodeFault? _fault;
        private int _twoAtOnce;

        public async Task<bool> RunAsync(int rounds, IReadOnlyList<NodeFault> faults)
        {
            var ledgers = Directory.CreateDirectory(Path.Combine(directory, "ledgers")).FullName;
            using var control = new ServerControl();
            LedgerProcess[] every =
            [
                new("http-1", "http", sessions: true, ledgers, control),
                new("http-2", "http", sessions: false, ledgers, control),
            ];
            LedgerProcess[] alone =
            [
                .. Enumerable.Range(1, 3).Select(n => new LedgerProcess($"stdio-{n}", "stdio", sessions: false, ledgers, control)),
            ];
            await Task.WhenAll(every.Select(server => server.StartAsync()));

            // Links through this process are slower, so they exist only when they will be cut.
            _links = faults.Contains(NodeFault.Cut) ? [.. Enumerable.Range(0, nodeCount).Select(_ => new TcpLink())] : [];
            var apiPorts = FreePorts.Take(nodeCount);
            var clusterPorts = _links.Length > 0 ? _links.Select(link => link.Port).ToArray() : FreePorts.Take(nodeCount);
            var (listensOn, host) = _links.Length > 0 ? (TcpLink.Inside, TcpLink.Outside) : (Loopback, Loopback);
            var file = new ClusterFile(host, listensOn, clusterPorts, stableAfter, leisure);
            var configuration = Path.Combine(directory, "cluster.conf");
            await File.WriteAllTextAsync(configuration, file.Text(every, alone));
            var nodes = Enumerable.Range(0, nodeCount).Select(NodeAt).ToArray();
            using var end = new CancellationTokenSource();
            try
            {
                foreach (var node in nodes)
                    node.Start();
                var checking = CheckAsync(nodes, end.Token);
                await WholeAsync(nodes);
                var looking = CountConnectionsAsync(alone, control, end.Token);

                var start = TimeProvider.System.GetTimestamp();
                using var loadEnd = new CancellationTokenSource();
                var loading = new NodeLoad(nodes, () => _fault, seed, leisure).RunAsync(callers, loadEnd.Token);
                for (var round = 0; round < rounds; round++)
                {
                    foreach (var fault in faults.OrderBy(_ => _random.Next()).ToArray())
                    {
                        await PassAsync(calm);
                        await InflictAsync(fault, nodes);
                    }
                }
                await PassAsync(calm);
                await loadEnd.CancelAsync();
                var calls = await loading;
                var elapsed = TimeProvider.System.GetElapsedTime(start);
                var inFlight = 0;
                await BecomesAsync(async () => (inFlight = await InFlightAsync(nodes)) == 0);
                await end.CancelAsync();
                await Task.WhenAll(checking, looking);
                // All at once: no node is left to take over the servers of another.
                foreach (var node in nodes)
                    node.Signal("TERM");
                var ended = await Task.WhenAll(nodes.Select(node => node.EndedAsync()));
                await BecomesAsync(() => Task.FromResult(control.Count <= every.Length));
                return Report(
                    new NodeCount(calls, Ledger.Read(ledgers)),
                    calls.Count / elapsed.TotalSeconds,
                    inFlight,
                    Math.Max(0, control.Count - every.Length) + ended.Count(it => !it));
            }
            finally
            {
                foreach (var node in nodes)
                    node.Dispose();
                foreach (var link in _links)
                    await link.DisposeAsync();
            }

            NodeProcess NodeAt(int i) =>
                new(program, configuration, apiPorts[i], host, clusterPorts[i], Path.Combine(directory, $"node-{i}.log"), leisure);
        }

        // Faults

        private async Task InflictAsync(NodeFault fault, NodeProcess[] nodes)
        {
            var node = nodes[_random.Next(nodes.Length)];
            _faults[fault.Name()] = _faults.GetValueOrDefault(fault.Name()) + 1;
            _fault = fault;
            switch (fault)
            {
                case NodeFault.Kill:
                    await TimeRecoveryAsync(fault, node, nodes, async () =>
                    {
                        node.Signal("KILL");
                        await node.EndedAsync();
                        node.Start();
                    });
                    break;
                case NodeFault.Lose:
                    await TimeRecoveryAsync(fault, node, nodes, async () =>
                    {
                        node.Signal("KILL");
                        await node.EndedAsync();
                    });
                    node.Start();
                    break;
                case NodeFault.Freeze:
                    await TimeRecoveryAsync(fault, node, nodes, () =>
                    {
                        node.Signal("STOP");
                        return Task.CompletedTask;
                    });
                    node.Signal("CONT");
                    await RestartAsync(node);
                    break;
                case NodeFault.Cut:
                    for (var times = 0; times < Cuts; times++)
                    {
                        await CutAsync();
                        await PassAsync(BetweenCuts);
                        await WholeAsync(nodes);
                    }
                    break;
                case NodeFault.Leave:
                    await LeaveAsync(node);
                    break;
                case NodeFault.Rolling:
                    foreach (var next in nodes)
                    {
                        await LeaveAsync(next);
                        await WholeAsync(nodes);
                    }
                    break;
            }
            await WholeAsync(nodes);
            // Calls that were sent before the end of the fault count under it.
            await PassAsync(Aftermath);
            _fault = null;
        }

        // Messages on the way are lost, and later ones until there are new connections.
        private async Task CutAsync()
        {
            foreach (var link in _links)
                link.Cut();
            await PassAsync(LongestCut * _random.NextDouble());
            foreach (var link in _links)
                link.Mend();
        }

        private static async Task LeaveAsync(NodeProcess node)
        {
            node.Signal("TERM");
            await RestartAsync(node);
        }

        private static async Task RestartAsync(NodeProcess node)
        {
            if (!await node.EndedAsync())
                throw new InvalidOperationException($"node {node.Name} did not end");
            node.Start();
        }

        // The time from the fault until the servers of the node are connected on other nodes.
        private async Task TimeRecoveryAsync(NodeFault fault, NodeProcess node, NodeProcess[] nodes, Func<Task> harm)
        {
            var other = nodes.First(candidate => candidate != node);
            var before = await other.ServersAsync();
            var had = before?.Where(server => server.Value.Node == node.Name).Select(server => server.Key).ToArray() ?? [];
            var start = TimeProvider.System.GetTimestamp();
            await harm();
            // The others report its servers as connected until they miss the node; by then the servers may already be elsewhere.
            await BecomesAsync(async () => had.Length == 0
                || (await other.ServersAsync() is { } servers
                    && had.Any(server => servers[server].Status != "Connected" || servers[server].Node != node.Name)));
            await BecomesAsync(
                async () => await other.ServersAsync() is { } servers && had.All(server => servers[server].Status == "Connected"));
            if (had.Length > 0)
                _recoveries.Add($"{fault.Name()} {TimeProvider.System.GetElapsedTime(start).TotalSeconds:0.0} s");
            else
                await PassAsync(TimeSpan.FromSeconds(stableAfter * 3));
        }

        // Observations

        private static async Task CheckAsync(NodeProcess[] nodes, CancellationToken end)
        {
            while (!end.IsCancellationRequested)
            {
                await Task.WhenAll(nodes.Select(node => node.CheckAsync()));
                await Task.Delay(Look, TimeProvider.System, CancellationToken.None);
            }
        }

        private async Task CountConnectionsAsync(LedgerProcess[] alone, ServerControl control, CancellationToken end)
        {
            var before = new HashSet<string>();
            var seen = new HashSet<ServerLife>();
            while (!end.IsCancellationRequested)
            {
                seen.UnionWith(alone.Select(server => control.Find(server.Name)).OfType<ServerLife>());
                // The old process of a frozen node exists but cannot be reached. A check may fall between the end of a process and the
                // report of it, which can be late.
                var two = _fault is NodeFault.Freeze ? [] : alone.Select(server => server.Name)
                    .Where(server => control.CountOf(server) > 1 && seen.Count(life => life.Name == server && Lives(life)) > 1).ToHashSet();
                _twoAtOnce += two.Count(before.Contains);
                before = two;
                await Task.Delay(Look, TimeProvider.System, CancellationToken.None);
            }
        }

        private static bool Lives(ServerLife life)
        {
            try
            {
                // The state follows the name; a zombie has ended.
                var state = File.ReadAllText($"/proc/{life.Pid}/stat");
                return state[state.LastIndexOf(')') + 2] is not ('Z' or 'X');
            }
            catch (IOException)
            {
                return false;
            }
        }

        private static Task WholeAsync(NodeProcess[] nodes) => BecomesAsync(async () =>
        {
            foreach (var node in nodes)
            {
                if (!node.IsReady || await node.ReachesAsync() != nodes.Length)
                    return false;
                if (await node.ServersAsync() is not { } servers || servers.Values.Any(server => server.Status != "Connected"))
                    return false;
            }
            return true;
        });

        private static async Task<int> InFlightAsync(NodeProcess[] nodes)
        {
            var sum = 0;
            foreach (var node in nodes)
                sum += (await node.ServersAsync())?.Values.Sum(server => server.InFlight) ?? 0;
            return sum;
        }

        private static async Task BecomesAsync(Func<Task<bool>> condition)
        {
            var start = TimeProvider.System.GetTimestamp();
            while (!await condition())
            {
                if (TimeProvider.System.GetElapsedTime(start) > Patience)
                    throw new TimeoutException("the cluster did not recover");
                await Task.Delay(Look, TimeProvider.System);
            }
        }

        private static Task PassAsync(TimeSpan time) => Task.Delay(time, TimeProvider.System);

        private bool Report(NodeCount count, double callsPerSecond, int inFlight, int left)
        {
            var heading = string.Create(
                CultureInfo.InvariantCulture,
                $"seed {seed}, {nodeCount} nodes, stable-after {stableAfter} s, {callers} callers, {callsPerSecond:0} calls a second");
            var report = new ClusterReport(heading, count, _faults)
            {
                InFlight = inFlight,
                Left = left,
                TwoAtOnce = _twoAtOnce,
                Recoveries = _recoveries,
            };
            Console.WriteLine(report);
            return report.Violations > 0;
        }
    }
}
