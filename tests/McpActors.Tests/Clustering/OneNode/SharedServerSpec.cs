using System.Text.Json;
using Akka.Actor;
using Akka.Cluster;
using Akka.Dispatch.SysMsg;
using Akka.Remote;
using Akka.TestKit;
using McpActors.Clustering.OneNode;
using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Pool;
using McpActors.Resilience;
using Xunit;

namespace McpActors.Tests.Clustering.OneNode;

/// <summary>A shared server of one node, in virtual time. The pool, the router, the shards and the entities are probes.</summary>
public abstract class SharedServerSpec : VirtualTimeSpec
{
    private protected static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private protected readonly TestProbe _pool;
    private protected readonly TestProbe _router;
    private protected readonly TestProbe _shards;
    private protected readonly IActorRef _shared;
    private long _lastAttempt;
    private int _lastNode;

    protected SharedServerSpec()
        : base("""
            akka.actor.provider = cluster
            akka.remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0 }
            akka.coordinated-shutdown.run-by-actor-system-terminate = off
            """)
    {
        _pool = CreateTestProbe("pool");
        _router = CreateTestProbe("router");
        _shards = CreateTestProbe("shards");
        _shared = Start(_pool);
    }

    /// <summary>The servers of this node's pool.</summary>
    private protected readonly OneNodeServers _servers = new();

    private protected IActorRef Start(TestProbe pool) => pool.ChildActorOf(SharedServerProps());

    private protected Props SharedServerProps() =>
        SharedServerActor.Props(
            new KnownServer(new ServerSettings { Name = "s", Uri = new Uri("memory://s"), MaxInFlight = 3, MaxQueue = 1 }, 0),
            new PoolSettings(),
            _servers,
            _shards,
            OperatorIntent.None)
            .WithDispatcher(CallingThreadDispatcher.Id);

    private protected static ServerReport Report(ServerStatus status, long? session = null) =>
        new(new ConnectionReport { Status = status, Session = session }, CircuitState.Closed, "", null, false);

    private protected static ServerReport Connected(long? session = null) => Report(ServerStatus.Connected, session);

    private protected static SharedCatalogue Catalogue(string tool)
    {
        var none = new Dictionary<string, JsonElement>();
        var definition = JsonSerializer.SerializeToElement(new { name = tool });
        return new(1, new Dictionary<string, CatalogueTool> { [tool] = new(definition, false) }, none, none, none);
    }

    private protected static (AttemptOutcome Outcome, AttemptCause Cause) Kind(AttemptResult result) => (result.Outcome, result.Cause);

    private protected StartAttempt NewAttempt(long id, long? onSession = null, IActorRef? progressTo = null) =>
        new(id, new CallRequest("tools/call", "t", null, Wrap: true), Now + Minute, progressTo, null) { OnSession = onSession };

    private protected long Attempt(long? onSession = null, IActorRef? progressTo = null, IActorRef? to = null)
    {
        (to ?? _shared).Tell(NewAttempt(++_lastAttempt, onSession, progressTo), _router);
        return _lastAttempt;
    }

    private protected async Task<AttemptResult> EndedAsync(long id) =>
        (await _router.ExpectMsgAsync<AttemptEnded>(ended => Assert.Equal(id, ended.AttemptId), PoolHost.Patience)).Result;

    private protected async Task ExpectJoinAsync() => await _shards.ExpectMsgAsync<JoinServer>(PoolHost.Patience);

    private protected async Task<ServerReport> ReportAsync(Predicate<ServerReport> wanted) =>
        await _pool.FishForMessageAsync(wanted, PoolHost.Patience);

    private protected async Task<long> SessionAsync(long? other = null) =>
        (await ReportAsync(report => report.Connection is { Status: ServerStatus.Connected, Session: { } session } && session != other))
        .Connection.Session!.Value;

    private protected async Task<CircuitLoad> LoadAsync()
    {
        var probe = CreateTestProbe();
        _shared.Tell(GetLoad.Instance, probe);
        return await probe.ExpectMsgAsync<CircuitLoad>(PoolHost.Patience);
    }

    /// <summary>A node reports that it has the connection.</summary>
    private protected async Task<EntityProbe> JoinAsync(ServerReport? report = null)
    {
        var entity = NewEntity();
        entity.Tell(_shared, report ?? Connected());
        await ReportAsync(joined => joined is { HeldBy: not null, Connection.Status: ServerStatus.Connected });
        if (report is not null)
            entity.Tell(_shared, report);
        return entity;
    }

    /// <summary>The entity stops, and no node has the connection yet.</summary>
    private protected async Task MoveAsync(EntityProbe entity)
    {
        entity.Tell(_shared, new ServerMoving());
        await entity.ReceivesAsync<ServerReleased>();
        Terminate(entity);
        await HandledAsync(_shared);
    }

    /// <summary>An entity on a node that was unreachable before this node learns of the entity.</summary>
    private protected async Task<EntityProbe> NewUnreachableEntityAsync()
    {
        var entity = NewEntity();
        // Cluster.State is kept by this actor. It has received the initial state once a later subscriber has.
        var keeper = await Sys.ActorSelection("/system/clusterEventBusListener").ResolveOne(PoolHost.Patience);
        var later = CreateTestProbe();
        Cluster.Get(Sys).Subscribe(later, ClusterEvent.InitialStateAsSnapshot, typeof(ClusterEvent.IReachabilityEvent));
        await later.ExpectMsgAsync<ClusterEvent.CurrentClusterState>(PoolHost.Patience);
        keeper.Tell(new ClusterEvent.UnreachableMember(entity.Member));
        await UntilAsync(() => !Cluster.Get(Sys).State.Unreachable.IsEmpty);
        return entity;
    }

    /// <summary>The entity confirms its next operation.</summary>
    private protected async Task<OperateServer> ConfirmAsync(EntityProbe entity)
    {
        var operation = await entity.ReceivesAsync<OperateServer>();
        entity.Tell(_shared, new OperationConfirmed(operation.Number));
        return operation;
    }

    /// <summary>Akka.Remote has connected to the node of the entity again.</summary>
    private protected void Link(EntityProbe entity) => Link(_shared, entity.Ref);

    private protected static void Link(IActorRef shared, RecordingRef entity) =>
        shared.Tell(new AssociatedEvent(Cluster.Get(entity.System).SelfAddress, entity.Path.Address, true));

    private protected void Terminate(EntityProbe entity) =>
        ((IInternalActorRef)_shared).SendSystemMessage(new DeathWatchNotification(entity.Ref, true, false));

    private protected EntityProbe NewEntity() => new(new RecordingRef(Sys, NextAddress()), CreateTestProbe());

    private protected Address NextAddress() => new("akka.tcp", Sys.Name, "10.0.0.1", 8000 + ++_lastNode);
}
