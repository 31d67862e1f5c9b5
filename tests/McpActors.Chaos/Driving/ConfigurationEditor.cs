using McpActors.Chaos.Faults;
using McpActors.Configuration;
using McpActors.Pool;

namespace McpActors.Chaos.Driving;

/// <summary>
/// Edits the pool's configuration under load, again and again: one server gets another weight and is replaced by it, routes and strategy
/// change for all.
/// </summary>
internal sealed class ConfigurationEditor(
    IMcpPool pool, Func<PoolSettings> settings, IReadOnlyList<LedgerProcess> servers, Health health, int seed)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>How long a replaced server may take to serve again.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(2);

    private static readonly string[] Strategies = ["round-robin", "least-connections", "power-of-two", "peak-ewma", "random"];

    /// <summary>The number of edits.</summary>
    public int Count { get; private set; }

    /// <summary>Runs until cancelled, then restores the configuration.</summary>
    public async Task RunAsync(CancellationToken end)
    {
        var random = new Random(seed);
        while (!end.IsCancellationRequested)
        {
            var edited = random.Next(servers.Count);
            using (health.Begin(FaultKind.Edit, edited))
            {
                await ApplyAsync(Edited(edited, random));
                await Task.Delay(Settling, TimeProvider.System, CancellationToken.None);
            }
            Count++;
            await Task.Delay(Pause, TimeProvider.System, CancellationToken.None);
        }
        await ApplyAsync(settings());
    }

    private PoolSettings Edited(int server, Random random)
    {
        var now = settings();
        return now with
        {
            Servers = [.. now.Servers.Select((each, i) => i == server ? each with { Weight = random.Next(2, 5) } : each)],
            LoadBalancing = Strategies[random.Next(Strategies.Length)],
            Routes = [new() { Match = random.Next(2) == 0 ? "*" : "regex:.", Group = ServerSettings.DefaultGroup }],
        };
    }

    private Task ApplyAsync(PoolSettings edited) => pool.CommandAsync(new ApplyConfiguration(edited));
}
