using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Akka.Actor;
using Akka.Event;
using Akka.TestKit;
using McpActors.Balancing;
using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Hosting;
using McpActors.Pool;
using McpActors.Telemetry;
using McpActors.Transports;
using Xunit;

namespace McpActors.Tests.Pool;

/// <summary>A day of a whole pool without calls, in virtual time, with every default: its servers are odd, and nobody notices.</summary>
public sealed class IdleDaySpecs : VirtualTimeSpec
{
    private const string Legacy = "2025-11-25";
    private const string Ping = "ping";
    private const string Lists = "tools/list";
    private const string SamePage = "names-the-same-page-for-ever";

    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private readonly MemoryServers _memory = new();
    private readonly TestProbe _answers;

    public IdleDaySpecs() => _answers = CreateTestProbe();

    [Fact]
    public async Task Odd_servers_are_listed_and_probed_as_others_and_stay_connected()
    {
        Add("plain");
        Add("legacy", Legacy);
        Add("refuses-probes", Legacy).Method(Ping, _ => MemoryAnswer.Error(-32601, "no"));
        Add("fails-probes", Legacy).Method(Ping, _ => throw new InvalidOperationException("failed on purpose"));
        Add("refuses-its-list").Method(Lists, _ => MemoryAnswer.Error(-32601, "no"));
        Add("fails-its-list").Method(Lists, _ => throw new InvalidOperationException("failed on purpose"));
        Add("lists-a-tool-without-a-name").Method(Lists, _ => new { tools = new object[] { new { name = "echo" }, new { size = 1 } } });
        var announces = Add("announces-a-change-with-every-listing");
        announces.Method(Lists, _ =>
        {
            announces.Tool("other", () => "other");
            return new { tools = new[] { new { name = "echo" } } };
        });
        Add(SamePage).Method(Lists, _ => new { tools = new[] { new { name = "echo" } }, nextCursor = "again" });
        var settings = new PoolSettings
        {
            Probe = new ProbeSettings { Jitter = 0 },
            Servers = [.. _memory.Names.Select(name => new ServerSettings { Name = name, Uri = new Uri($"memory://{name}") })],
        };
        using var probes = new ProbeCounts(Sys);
        var log = CreateTestProbe();
        var pool = await StartAsync(settings);
        Sys.EventStream.Subscribe(log, typeof(LogEvent));

        var connections = await ConnectionsAsync();
        for (var began = Now; Now - began < Day;)
        {
            var before = _memory.Names.ToDictionary(name => name, probes.Of);
            Pass(settings.Probe.Interval);
            await UntilAnsweredAsync(probes, before, connections);
        }

        var status = await pool.GetStatusAsync();
        Assert.Empty(status.Servers.Where(server => server is not { Status: ServerStatus.Connected, Restarts: 0 }).Select(Shown));
        // A list that fails or changes with every reading is read again at growing intervals, from 2 s to the usual one.
        const int Retries = 8;
        var (mostProbes, mostLists) = (Day / settings.Probe.Interval, (Day / settings.CatalogueRefresh) + 1 + Retries);
        // The loop has waited for a probe in each interval; there are no more.
        Assert.Empty(_memory.Names.Where(name => probes.Of(name) > mostProbes).Select(name => $"{name}: {probes.Of(name)} probes"));
        Assert.Empty(_memory.Names
            .Select(name => (Name: name, Lists: _memory[name].Received(Lists) / (name == SamePage ? 2 : 1)))
            .Where(server => server.Lists < mostLists / 2 || server.Lists > mostLists)
            .Select(server => $"{server.Name}: {server.Lists} listings"));
        var lines = await TakeAllAsync(log);
        Assert.DoesNotContain(lines.OfType<LogEvent>(), line => line.LogLevel() > LogLevel.DebugLevel);
    }

    private MemoryServer Add(string name, string? version = null)
    {
        var server = _memory.Add(name).Tool("echo", () => "hello");
        server.ProtocolVersion = version;
        return server;
    }

    private static string Shown(ServerInfo server) => $"{server.Name}: {server.Status}, {server.Restarts} restarts, {server.LastError}";

    // The timer of the next probe is armed once the connection has handled the answer to this one.
    private async Task UntilAnsweredAsync(ProbeCounts probes, Dictionary<string, long> before, IReadOnlyList<IActorRef> connections)
    {
        await UntilAsync(() => before.All(count => probes.Of(count.Key) > count.Value));
        foreach (var connection in connections)
            connection.Tell(new Identify(null), _answers);
        foreach (var _ in connections)
            await _answers.ExpectMsgAsync<ActorIdentity>(PoolHost.Patience);
    }

    private Task<IActorRef[]> ConnectionsAsync() => Task.WhenAll(_memory.Names.Select(
        name => Sys.ActorSelection($"/user/mcp-pool/{name}/connection").ResolveOne(PoolHost.Patience)));

    private async Task<IMcpPool> StartAsync(PoolSettings settings)
    {
        var services = new PoolServices(
            settings, current => new Connector(current, new TransportFactory(_memory, current, null), null), Strategies.BuiltIn, seed: 1);
        var pool = Sys.ActorOf(PoolActor.Props(services), "mcp-pool").ToMcpPool(Sys);
        await UntilAsync(async () => (await pool.GetStatusAsync()).Servers.All(
            server => server is { Status: ServerStatus.Connected, IsListed: true }));
        return pool;
    }

    /// <summary>The probes of each server, answered or failed.</summary>
    private sealed class ProbeCounts : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly ConcurrentDictionary<string, long> _counts = new();

        public ProbeCounts(ActorSystem system)
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == TelemetryNames.Instruments.ProbeDuration && ReferenceEquals(instrument.Meter.Scope, system))
                    listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<double>((_, _, tags, _) =>
            {
                foreach (var tag in tags)
                {
                    if (tag.Key == TelemetryNames.Attributes.Server)
                        _counts.AddOrUpdate((string)tag.Value!, 1, (_, count) => count + 1);
                }
            });
            _listener.Start();
        }

        public long Of(string server) => _counts.GetValueOrDefault(server);

        public void Dispose() => _listener.Dispose();
    }
}
