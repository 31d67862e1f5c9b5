using Akka.Actor;
using Akka.TestKit;
using McpActors.Balancing;
using McpActors.Clustering.OneNode;
using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Pool;
using McpActors.Resilience;
using McpActors.Transports;
using Xunit;

namespace McpActors.Tests.Clustering.OneNode;

/// <summary>An entity with its connection to a real MCP server in memory, in virtual time. The shard and the members are probes.</summary>
public abstract class ServerEntitySpec : VirtualTimeSpec
{
    private protected static readonly ServerSettings Server = new() { Name = "s", Uri = new Uri("memory://s") };
    private protected static readonly PoolSettings Settings = new()
    {
        DrainTimeout = TimeSpan.FromSeconds(30),
        CloseTimeout = TimeSpan.FromSeconds(2),
    };

    private protected readonly MemoryServers _memory = new();
    private protected readonly MemoryServer _server;
    private protected readonly TestProbe _shard;
    private protected readonly TestProbe _one;
    private protected readonly TestProbe _other;
    private protected readonly PoolServices _services;
    private protected readonly OneNodeServers _servers = new();
    private protected readonly IActorRef _entity;

    protected ServerEntitySpec()
    {
        _server = _memory.Add("s")
            .Tool("ok", () => "fine")
            .Tool("hang", () => MemoryAnswer.Never)
            .Tool("fail", () => MemoryAnswer.Error(-32050, "broken"));
        (_shard, _one, _other) = (CreateTestProbe("shard"), CreateTestProbe("one"), CreateTestProbe("other"));
        _services = new PoolServices(
            Settings,
            current => new Connector(current, new TransportFactory(_memory, current, null), null),
            Strategies.BuiltIn,
            seed: 1);
        _servers.Add("s@0", Server);
        _entity = _shard.ChildActorOf(EntityProps());
    }

    /// <summary>The entity of a server; <paramref name="nodes"/> are the other nodes.</summary>
    private protected Props EntityProps(string entity = "s@0", params Address[] nodes) =>
        ServerEntityActor.Props(_services, entity, _servers, nodes.Contains);

    private protected static JoinServer Join(string entity = "s@0") => new(entity, OperatorIntent.None);

    private protected static SharedAttempt Attempt(long id, string tool) =>
        new(id, new CallRequest("tools/call", tool, null, Wrap: true), TimeSpan.FromMinutes(5), null);

    private protected async Task HandOverWithOneRunningAsync()
    {
        await JoinAsync(_one);
        await StartHangingAsync(_one, 7);
        _shard.Watch(_entity);
        _entity.Tell(HandOver.Instance, _shard);
        await ReceivesAsync<ServerMoving>(_one);
    }

    private protected async Task JoinAsync(TestProbe member)
    {
        _entity.Tell(Join(), member);
        await ConnectedAsync(member);
    }

    private protected static async Task ConnectedAsync(TestProbe member)
    {
        await member.FishForMessageAsync<ServerReport>(report => report.Connection.Status == ServerStatus.Connected, PoolHost.Patience);
        await ReceivesAsync<SharedCatalogue>(member);
    }

    private protected async Task CircuitStateAsync(CircuitState wanted)
    {
        // The last report before the command may have this state already, so ask until the entity has handled the command.
        var probe = CreateTestProbe();
        await UntilAsync(async () =>
        {
            _entity.Tell(Join(), probe);
            return (await probe.FishForMessageAsync<ServerReport>(_ => true, PoolHost.Patience)).Circuit == wanted;
        });
    }

    private protected async Task StartHangingAsync(TestProbe member, long id, Func<SharedAttempt, SharedAttempt>? with = null)
    {
        var before = _server.Received("hang");
        var attempt = Attempt(id, "hang");
        _entity.Tell(with?.Invoke(attempt) ?? attempt, member);
        await UntilAsync(() => _server.Received("hang") > before);
    }

    private protected static async Task<AttemptResult> EndedAsync(TestProbe member, long id)
    {
        var ended = await member.FishForMessageAsync<AttemptEnded>(_ => true, PoolHost.Patience);
        Assert.Equal(id, ended.AttemptId);
        return ended.Result;
    }

    private protected async Task<IActorRef> CircuitAsync()
    {
        var probe = CreateTestProbe();
        Sys.ActorSelection(_entity.Path / "*").Tell(new Identify(null), probe);
        return (await probe.ExpectMsgAsync<ActorIdentity>(PoolHost.Patience)).Subject;
    }

    private protected async Task<CircuitLoad> LoadAsync()
    {
        var probe = CreateTestProbe();
        (await CircuitAsync()).Tell(GetLoad.Instance, probe);
        return await probe.ExpectMsgAsync<CircuitLoad>(PoolHost.Patience);
    }

    private protected async Task StopAsync()
    {
        _shard.Watch(_entity);
        _entity.Tell(HandOver.Instance, _shard);
        await _shard.ExpectTerminatedAsync(_entity, PoolHost.Patience);
    }

    /// <summary>Waits for the next message of a type and discards those before it.</summary>
    private protected static async Task<T> ReceivesAsync<T>(TestProbe member) =>
        await member.FishForMessageAsync<T>(_ => true, PoolHost.Patience);
}
