using Akka.Actor;
using Akka.Hosting;
using McpActors.Chaos.Accounting;
using McpActors.Chaos.Faults;
using McpActors.Chaos.Hostile;
using McpActors.Chaos.Servers;
using McpActors.Configuration;
using McpActors.Hosting;
using McpActors.Pool;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace McpActors.Chaos.Driving;

/// <summary>One run: six servers, one pool, load, faults, and the count.</summary>
internal static class ChaosCommand
{
    private const int LeastSeconds = 10;

    /// <summary>The time before the first fault.</summary>
    private static readonly TimeSpan Calm = TimeSpan.FromSeconds(1);

    /// <summary>How long before the end the outage of all servers begins.</summary>
    private static readonly TimeSpan OutageBeforeEnd = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan OutageLasts = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(25);

    public static async Task<int> RunAsync(string[] args)
    {
        CommandLine options;
        int seed, seconds, callers, hostile;
        try
        {
            options = new CommandLine(args, ["--seed", "--seconds", "--callers", "--hostile"], ["--json", "--edits"]);
            seed = options.Number("--seed", 1, least: 0);
            seconds = options.Number("--seconds", 30, LeastSeconds);
            callers = options.Number("--callers", 64, least: 1);
            hostile = options.Number("--hostile", callers / 8, least: 0);
        }
        catch (ArgumentException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 2;
        }
        var ledgers = Directory.CreateTempSubdirectory("mcp-actors-chaos-");
        try
        {
            var report = await RunAsync(seed, seconds, callers, hostile, options.Has("--edits"), ledgers.FullName);
            Console.WriteLine(options.Has("--json") ? report.ToJson() : report.ToText());
            return report.Violations == 0 ? 0 : 1;
        }
        finally
        {
            ledgers.Delete(recursive: true);
        }
    }

    private static async Task<Report> RunAsync(int seed, int seconds, int callers, int hostile, bool edits, string ledgers)
    {
        using var control = new ServerControl();
        LedgerProcess[] servers =
        [
            new("http-sessions", "http", sessions: true, ledgers, control),
            new("http", "http", sessions: false, ledgers, control),
            new("ws-1", "ws", sessions: false, ledgers, control),
            new("ws-2", "ws", sessions: false, ledgers, control),
            new("stdio-1", "stdio", sessions: false, ledgers, control),
            new("stdio-2", "stdio", sessions: false, ledgers, control),
        ];
        await Task.WhenAll(servers.Select(server => server.StartAsync()));

        using var host = StartPool(servers, seed);
        await host.StartAsync();
        var pool = host.Services.GetRequiredService<IMcpPool>();
        var health = new Health(servers.Length);
        var pauses = new Pauses();
        var injector = new FaultInjector(pool, servers, health, pauses);
        using var watchEnd = new CancellationTokenSource();
        var watching = injector.WatchAsync(watchEnd.Token);
        if (!await BecomesAsync(() => Task.FromResult(health.OutOfService == 0)))
            throw new InvalidOperationException("the servers did not connect");

        var length = TimeSpan.FromSeconds(seconds);
        var start = TimeProvider.System.GetTimestamp();
        using var loadEnd = new CancellationTokenSource();
        var loading = new Load(pool, health, pauses, servers).RunAsync(callers, loadEnd.Token);
        var hostiles = new HostileLoad(
            host.Services.GetRequiredService<ActorSystem>(),
            host.Services.GetRequiredService<ActorRegistry>().Get<PoolActorKey>(),
            pauses,
            seed);
        var harming = hostiles.RunAsync(hostile, loadEnd.Token);
        var lasting = Task.Delay(length, TimeProvider.System, CancellationToken.None);
        using var editsEnd = new CancellationTokenSource();
        var editor = new ConfigurationEditor(pool, () => Settings(servers), servers, health, seed);
        var editing = edits ? editor.RunAsync(editsEnd.Token) : Task.CompletedTask;
        await injector.RunAsync(Schedule(seed, servers.Length, length));
        await editsEnd.CancelAsync();
        await editing;
        await lasting;
        // The load continues until then, because only calls close a circuit again.
        var recovered = await BecomesAsync(() => Task.FromResult(health.OutOfService == 0));
        await loadEnd.CancelAsync();
        var calls = await loading;
        await harming;
        var elapsed = TimeProvider.System.GetElapsedTime(start);

        await BecomesAsync(async () => (await pool.GetStatusAsync()).Servers.All(server => server.InFlight == 0));
        var status = await pool.GetStatusAsync();
        await watchEnd.CancelAsync();
        await watching;
        await host.StopAsync();
        // The pool owns the processes on stdio; the others end with the control connection.
        var own = servers.Count(server => !server.OnStdio);
        await BecomesAsync(() => Task.FromResult(control.Count <= own));

        var count = new Count(calls, Ledger.Read(ledgers), health);
        return new Report
        {
            Seed = seed,
            Seconds = seconds,
            Callers = callers,
            Faults = Enum.GetValues<FaultKind>().ToDictionary(
                kind => kind.ToString().ToLowerInvariant(), kind => kind == FaultKind.Edit ? editor.Count : injector.Count(kind)),
            ByFault = count.ByFault,
            Total = count.Total,
            CallsPerSecond = Math.Round(calls.Count / elapsed.TotalSeconds),
            InFlightAfterwards = status.Servers.Sum(server => server.InFlight),
            NotRecovered = recovered ? 0 : health.OutOfService,
            ProcessesLeft = Math.Max(0, control.Count - own),
            HostileSent = hostiles.Sent,
            HostileUnanswered = hostiles.Unanswered,
            ActorFailures = hostiles.Crashes,
            FellOutWithoutFault =
            [
                .. health.FellOut.Select(it =>
                    $"{servers[it.Server].Name} at {TimeProvider.System.GetElapsedTime(start, it.At).TotalSeconds:0.0} s: {it.State}"),
            ],
            Examples =
            [
                .. recovered ? [] : status.Servers.Select(server => $"at the end: {server}"),
                .. count.Examples,
                .. hostiles.Examples,
            ],
        };
    }

    private static IReadOnlyList<Fault> Schedule(int seed, int servers, TimeSpan length)
    {
        var outage = length - OutageBeforeEnd;
        return
        [
            .. FaultSchedule.Make(seed, servers, Calm, outage - FaultSchedule.Longest),
            .. Enumerable.Range(0, servers).Select(server => new Fault(FaultKind.Outage, server, outage, OutageLasts, TimeSpan.Zero)),
        ];
    }

    private static IHost StartPool(IEnumerable<LedgerProcess> servers, int seed)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddMcpPool(Settings(servers), options =>
        {
            options.RandomSeed = seed;
            options.Strategies[HostileMessages.Strategy] = _ => new HostileStrategy();
        });
        return builder.Build();
    }

    /// <summary>Shortens every default of seconds, so that a short run covers many lives of each server.</summary>
    private static PoolSettings Settings(IEnumerable<LedgerProcess> servers) => new()
    {
        Servers = [.. servers.Select(server => server.Settings)],
        // All servers but one may have a fault, and a call must reach that one: it needs as many attempts, and time for each.
        Failover = new() { MaxAttempts = servers.Count() },
        AttemptTimeout = Load.Timeout / 8,
        CallTimeout = Load.Timeout,
        Circuit = new()
        {
            OpenFor = TimeSpan.FromMilliseconds(500),
            MaxOpenFor = TimeSpan.FromSeconds(2),
            Window = TimeSpan.FromSeconds(5),
        },
        Reconnect = new()
        {
            MinBackoff = TimeSpan.FromMilliseconds(200),
            MaxBackoff = TimeSpan.FromSeconds(1),
            ResetAfter = TimeSpan.FromSeconds(2),
        },
        Probe = new() { Interval = TimeSpan.FromSeconds(1), Timeout = TimeSpan.FromSeconds(1) },
        ConnectTimeout = TimeSpan.FromSeconds(5),
        DiscoverTimeout = TimeSpan.FromSeconds(2),
        CloseTimeout = TimeSpan.FromSeconds(1),
        DrainTimeout = TimeSpan.FromSeconds(2),
    };

    private static async Task<bool> BecomesAsync(Func<Task<bool>> wanted)
    {
        var start = TimeProvider.System.GetTimestamp();
        using var tick = new PeriodicTimer(Look);
        while (!await wanted())
        {
            if (TimeProvider.System.GetElapsedTime(start) > Patience)
                return false;
            await tick.WaitForNextTickAsync();
        }
        return true;
    }
}
