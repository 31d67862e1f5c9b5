using Akka.Actor;
using Akka.TestKit;
using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Transports;

namespace McpActors.Tests.Connections;

/// <summary>One connection to a real MCP server in memory. Its timers run in virtual time, and its parent is a probe.</summary>
public abstract class ServerConnectionSpec : VirtualTimeSpec
{
    private protected ServerConnectionSpec() => Circuit = CreateTestProbe("circuit");

    private protected MemoryServers Memory { get; } = new();

    private protected TestProbe Circuit { get; }

    // The real clock ends only what a spec is about.
    private protected PoolSettings Pool { get; } = new()
    {
        CloseTimeout = TimeSpan.FromSeconds(2),
        ConnectTimeout = PoolHost.Patience,
        DiscoverTimeout = PoolHost.Patience,
        Reconnect = new ReconnectSettings { Jitter = 0 },
        Probe = new ProbeSettings { Jitter = 0, Timeout = PoolHost.Patience },
    };

    private protected IActorRef Start(ServerSettings? settings = null, PoolSettings? pool = null) => Circuit.ChildActorOf(
        ServerConnectionActor.Props(
            settings ?? new ServerSettings { Name = "s", Uri = new Uri("memory://s") },
            pool ?? Pool,
            new Connector(Pool, new TransportFactory(Memory, Pool, null), null),
            seed: 1,
            new ConnectionMemory()),
        "connection",
        new OneForOneStrategy(_ => Directive.Restart));

    private protected static StartAttempt Attempt(long id, string tool) =>
        new(id, new CallRequest("tools/call", tool, null, Wrap: true), DateTimeOffset.MaxValue, null, null);

    private protected async Task ConnectedAsync() => await ReportAsync(r => r is { Status: ServerStatus.Connected, Catalogue: not null });

    private protected async Task<ConnectionReport> ReportAsync(Predicate<ConnectionReport> wanted) =>
        await Circuit.FishForMessageAsync(wanted, PoolHost.Patience);

    private protected async Task<AttemptResult> EndedAsync(long id) =>
        (await Circuit.FishForMessageAsync<AttemptEnded>(ended => ended.AttemptId == id, PoolHost.Patience)).Result;
}
