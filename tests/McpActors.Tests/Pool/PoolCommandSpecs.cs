using Akka.Actor;
using Akka.TestKit;
using McpActors.Balancing;
using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Pool;
using McpActors.Resilience;
using McpActors.Transports;
using Xunit;

namespace McpActors.Tests.Pool;

/// <summary>Commands to a running pool whose settings take long to check, or which fail.</summary>
public sealed class PoolCommandSpecs : VirtualTimeSpec
{
    private readonly MemoryServers _memory = new();
    private readonly TemporaryDirectory _directory = new();
    private readonly ManualResetEventSlim _mounted = new();
    private readonly TestProbe _operator;
    private readonly TestProbe _caller;

    public PoolCommandSpecs()
    {
        _memory.Add("a").Tool("work", () => "done");
        (_operator, _caller) = (CreateTestProbe("operator"), CreateTestProbe("caller"));
    }

    protected override void AfterAll()
    {
        _mounted.Set();
        base.AfterAll();
        _directory.Dispose();
    }

    [Fact]
    public async Task Calls_are_served_while_a_file_hangs_and_the_command_is_refused_with_its_name()
    {
        var pool = await StartAsync(limit: TimeSpan.FromMilliseconds(300));

        pool.Tell(new AddServer(OnHangingMount("b")), _operator);
        await HandledAsync(pool);
        pool.Tell(new CallTool("work"), _caller);

        await _caller.ExpectMsgAsync<CallCompleted>(PoolHost.Patience);
        var refused = await _operator.ExpectMsgAsync<CommandRefused>(PoolHost.Patience);
        Assert.Contains($"secret file {_directory.PathOf("b")} could not be read", refused.Reason, StringComparison.Ordinal);
        Assert.Equal(["a"], await ServersAsync(pool));
    }

    [Fact]
    public async Task Commands_and_changes_take_effect_in_the_order_in_which_they_came()
    {
        var pool = await StartAsync();

        pool.Tell(new AddServer(OnHangingMount("b")), _operator);
        pool.Tell(new AddServer(OnHangingMount("b")), _operator);
        pool.Tell(new RemoveServer("b"), _operator);
        pool.Tell(new ServerDefined(Memory("c"), 7));
        pool.Tell(new ServerTakenOut("c"));
        pool.Tell(new AddServer(Memory("d")), _operator);
        await HandledAsync(pool);
        Assert.False(_operator.HasMessages);
        _mounted.Set();

        await _operator.ExpectMsgAsync<CommandAccepted>(PoolHost.Patience);
        var refused = await _operator.ExpectMsgAsync<CommandRefused>(PoolHost.Patience);
        Assert.Contains("already has", refused.Reason, StringComparison.Ordinal);
        await _operator.ExpectMsgAsync<CommandAccepted>(PoolHost.Patience);
        await _operator.ExpectMsgAsync<CommandAccepted>(PoolHost.Patience);
        Assert.Equal(["a", "d"], await ServersAsync(pool));
    }

    [Fact]
    public async Task A_change_from_another_node_is_dropped_if_an_operator_here_changed_the_same_server_while_it_waited()
    {
        var pool = await StartAsync(node: new CannotStart("no server"));
        pool.Tell(new UpdateServer(OnHangingMount("a")), _operator);
        pool.Tell(new ServerTakenOut("a"));
        _mounted.Set();

        await _operator.ExpectMsgAsync<CommandAccepted>(PoolHost.Patience);
        await HandledAsync(pool);
        Assert.Equal(["a"], await ServersAsync(pool));
    }

    [Fact]
    public async Task A_change_that_crossed_a_newer_local_change_does_not_undo_it()
    {
        var pool = await StartAsync(node: new CannotStart("no server"));
        pool.Tell(new AddServer(Memory("c")), _operator);
        await _operator.ExpectMsgAsync<CommandAccepted>(PoolHost.Patience);

        pool.Tell(new ServerTakenOut("c") { Number = 0 });
        await HandledAsync(pool);
        Assert.Equal(["a", "c"], await ServersAsync(pool));
        pool.Tell(new ServerTakenOut("c") { Number = 1 });
        await UntilAsync(async () => await ServersAsync(pool) is ["a"]);
    }

    [Fact]
    public async Task A_crossing_change_that_waits_is_dropped_although_the_local_change_was_received_meanwhile()
    {
        var pool = await StartAsync(node: new CannotStart("no server"));
        pool.Tell(new AddServer(Memory("c")), _operator);
        await _operator.ExpectMsgAsync<CommandAccepted>(PoolHost.Patience);

        pool.Tell(new AddServer(OnHangingMount("b")), _operator);
        pool.Tell(new ServerTakenOut("c") { Number = 0 });
        pool.Tell(new ChangesReceived(1));
        _mounted.Set();

        await _operator.ExpectMsgAsync<CommandAccepted>(PoolHost.Patience);
        await HandledAsync(pool);
        Assert.Equal(["a", "c", "b"], await ServersAsync(pool));
    }

    [Fact]
    public async Task A_pool_that_closes_refuses_the_commands_that_wait()
    {
        var pool = await StartAsync();
        pool.Tell(new AddServer(OnHangingMount("b")), _operator);
        pool.Tell(new RemoveServer("a"), _operator);

        pool.Tell(new ClosePool(), _caller);

        await _operator.ExpectMsgAsync<CommandRefused>(PoolHost.Patience);
        await _operator.ExpectMsgAsync<CommandRefused>(PoolHost.Patience);
        await _caller.ExpectMsgAsync<PoolClosed>(PoolHost.Patience);
    }

    [Fact]
    public async Task A_pool_that_crashes_refuses_the_commands_that_wait_and_carries_out_the_next_one()
    {
        var pool = await StartAsync();
        pool.Tell(new AddServer(OnHangingMount("b")), _operator);
        await HandledAsync(pool);

        Crash(pool);

        await _operator.ExpectMsgAsync<CommandRefused>(PoolHost.Patience);
        _mounted.Set();
        pool.Tell(new AddServer(Memory("c")), _operator);
        await _operator.ExpectMsgAsync<CommandAccepted>(PoolHost.Patience);
        Assert.Equal(["a", "c"], await ServersAsync(pool));
    }

    [Fact]
    public async Task The_end_of_a_check_that_an_earlier_life_of_the_pool_began_is_not_taken_for_another_one()
    {
        var pool = await StartAsync();
        pool.Tell(new AddServer(OnHangingMount("b")), _operator);

        pool.Tell(new PoolCommands.Checked(new AddServer(Memory("b")), null));
        await HandledAsync(pool);

        Assert.False(_operator.HasMessages);
    }

    [Fact]
    public async Task Too_many_commands_that_wait_are_refused_at_once()
    {
        var pool = await StartAsync();
        var waiting = new AddServer(OnHangingMount("b"));
        for (var i = 0; i < PoolCommands.MostWaiting; i++)
            pool.Tell(waiting, _caller);

        pool.Tell(new RemoveServer("a"), _operator);

        Assert.Contains("wait", (await _operator.ExpectMsgAsync<CommandRefused>(PoolHost.Patience)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_cannot_be_started_is_refused_by_name_and_the_rest_of_the_configuration_is_applied()
    {
        var pool = await StartAsync(node: new CannotStart("bad"));

        pool.Tell(new ApplyConfiguration(new PoolSettings { Servers = [Memory("a"), OneNode("bad"), OneNode("good")] }), _operator);

        var refused = await _operator.ExpectMsgAsync<CommandRefused>(PoolHost.Patience);
        Assert.Contains("applied but for these servers: bad failed", refused.Reason, StringComparison.Ordinal);
        Assert.Equal(["a", "good"], await ServersAsync(pool));
    }

    private async Task<IActorRef> StartAsync(TimeSpan? limit = null, IPoolNode? node = null)
    {
        var services = new PoolServices(
            PoolHost.Settings("a"),
            settings => new Connector(settings, new TransportFactory(_memory, settings, null), null),
            Strategies.BuiltIn,
            seed: 1)
        {
            Check = new SettingsCheck(Read, limit ?? PoolHost.Patience, TimeProvider.System),
            Node = node,
        };
        var pool = Sys.ActorOf(PoolActor.Props(services), "mcp-pool");
        await UntilAsync(async () => (await pool.Ask<PoolStatus>(GetPoolStatus.Instance)).Servers.All(
            server => server is { Status: ServerStatus.Connected, Tools: not null }));
        return pool;
    }

    private string Read(Secret secret)
    {
        _mounted.Wait();
        return secret.Resolve();
    }

    private ServerSettings OnHangingMount(string name)
    {
        var file = _directory.PathOf(name);
        File.WriteAllText(file, "a secret");
        return Memory(name) with { Headers = new Dictionary<string, Secret> { ["X"] = Secret.FromFile(file) } };
    }

    private static ServerSettings Memory(string name) => new() { Name = name, Uri = new Uri($"memory://{name}") };

    private static ServerSettings OneNode(string name) => Memory(name) with { Placement = ServerPlacement.OneNode };

    private static async Task<string[]> ServersAsync(IActorRef pool) =>
        [.. (await pool.Ask<PoolStatus>(GetPoolStatus.Instance, PoolHost.Patience)).Servers.Select(server => server.Name)];

    private static void Crash(IActorRef actor)
    {
        var cell = (IInternalActorRef)actor;
        cell.Suspend();
        cell.Restart(new InvalidOperationException("crash"));
    }

    /// <summary>A node in a cluster, one of whose servers cannot be started.</summary>
    private sealed class CannotStart(string name) : IPoolNode
    {
        public Props Nodes => Props.Create<Silent>();

        public Props SharedSettings => Props.Create<Silent>();

        public Props OneNodeServer(KnownServer server, PoolSettings pool, OperatorIntent intent) =>
            server.Settings.Name == name ? throw new InvalidOperationException("no shards") : Props.Create<Silent>();

        public string? RefusalOf(ServerSettings shared, IEnumerable<ServerSettings> own) => null;

        public Address? AnotherNode(int choice) => null;
    }

    private sealed class Silent : ReceiveActor
    {
        public Silent() => ReceiveAny(_ => { });
    }
}
