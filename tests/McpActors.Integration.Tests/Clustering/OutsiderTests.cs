using System.Collections.Concurrent;
using System.Runtime.Serialization;
using System.Text.Json;
using Akka.Actor;
using Akka.Cluster.Tools.Client;
using Akka.Configuration;
using Akka.Dispatch.SysMsg;
using Akka.DistributedData;
using Akka.Event;
using Akka.Hosting;
using McpActors.Clustering;
using McpActors.Clustering.OneNode;
using McpActors.Clustering.SharedSettings;
using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Resilience;
using McpActors.Tests.Transports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Xunit;

namespace McpActors.Tests.Clustering;

/// <summary>An actor system that is not a member can use the pool of a node, and cannot harm the node.</summary>
public sealed class OutsiderTests : IAsyncLifetime
{
    private const string Newtonsoft = "akka.actor.serializers.json = \"Akka.Serialization.NewtonSoftJsonSerializer, Akka\"";

    private readonly TestCluster _cluster = new(PoolHost.Settings("a"));

    // Akka with its defaults, which include the fallback serializer.
    private readonly ActorSystem _outside = ActorSystem.Create(
        "outside",
        ConfigurationFactory.ParseString(
            """
            akka { loglevel = ERROR, stdout-loglevel = OFF, actor.provider = remote }
            akka.remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0 }
            """));

    // A client that has the pool's messages.
    private ActorSystem _caller = null!;
    private IHost _callerHost = null!;
    private TestNode _node = null!;

    public async Task InitializeAsync()
    {
        _cluster.Memory.Add("a").Tool("work", () => "done");
        _node = await _cluster.AddAsync();
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddAkka("caller", akka => akka
            .AddHocon("akka { actor.provider = remote, remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0 } }", HoconAddMode.Prepend)
            .WithMcpPoolMessages());
        _callerHost = builder.Build();
        await _callerHost.StartAsync();
        _caller = _callerHost.Services.GetRequiredService<ActorSystem>();
    }

    public async Task DisposeAsync()
    {
        await _outside.Terminate();
        await _callerHost.StopAsync();
        _callerHost.Dispose();
        await _cluster.DisposeAsync();
    }

    public static TheoryData<string> Harms => ["Kill", "PoisonPill", "Terminate", "Suspend", "Recreate"];

    [Theory]
    [MemberData(nameof(Harms))]
    public async Task Cannot_stop_suspend_or_restart_an_actor_whose_path_it_knows(string harm)
    {
        var other = Other(_node);

        switch (harm)
        {
            case "Kill":
                other.Tell(Kill.Instance);
                break;
            case "PoisonPill":
                other.Tell(PoisonPill.Instance);
                break;
            case "Terminate":
                ((IInternalActorRef)other).Stop();
                break;
            case "Suspend":
                ((IInternalActorRef)other).Suspend();
                break;
            case "Recreate":
                ((IInternalActorRef)other).Restart(new InvalidOperationException("from outside"));
                break;
        }

        // The first Ask arrives after the harmful message; the others give that time to have an effect.
        for (var i = 0; i < 5; i++)
            Assert.Equal("ask/1", await other.Ask<string>("ask", PoolHost.Patience));
    }

    [Fact]
    public async Task Cannot_select_actors_other_than_the_pool()
    {
        var other = Other(_node);

        foreach (var path in new[] { "/user/other", "/user/*", "/user/mcp-pool/../other" })
            _outside.ActorSelection(_node.Address + path).Tell("selected");

        Assert.Equal("ask/1", await other.Ask<string>("ask", PoolHost.Patience));
        Assert.DoesNotContain("selected", OtherActor.Received(_node));
    }

    [Fact]
    public async Task Cannot_start_an_actor_here()
    {
        var other = Other(_node);
        DeployedActor.Starts = 0;

        _outside.ActorOf(Props.Create<DeployedActor>().WithDeploy(Deploy.None.WithScope(new RemoteScope(_node.Address))), "deployed");

        for (var i = 0; i < 5; i++)
            Assert.Equal("ask/1", await other.Ask<string>("ask", PoolHost.Patience));
        Assert.Equal(0, DeployedActor.Starts);
    }

    [Fact]
    public async Task Cannot_name_a_type_to_create_and_the_refusal_is_logged()
    {
        var other = Other(_node);
        var log = new ConcurrentQueue<string>();
        _node.System.EventStream.Subscribe(_node.System.ActorOf(Props.Create(() => new LogActor(log))), typeof(LogEvent));

        other.Tell(new Named("a type of the caller's choice"));

        Assert.Equal("ask/1", await other.Ask<string>("ask", PoolHost.Patience));
        Assert.Equal(["ask"], OtherActor.Received(_node));
        await Eventually.TrueAsync(
            () => log.Any(entry => entry.Contains("because it carries type names", StringComparison.Ordinal)), "the refusal is logged");
    }

    [Fact]
    public async Task Can_find_and_watch_the_pool()
    {
        await _node.ConnectedAsync("a");
        var pool = await _outside.ActorSelection($"{_node.Address}/user/mcp-pool").ResolveOne(PoolHost.Patience);
        var watching = new TaskCompletionSource();
        _outside.ActorOf(Props.Create(() => new WatchingActor(pool, watching)));

        var identity = await pool.Ask<ActorIdentity>(new Identify("pool"), PoolHost.Patience);
        Assert.Equal(pool, identity.Subject);

        await _node.LeaveAsync();
        await watching.Task.WaitAsync(PoolHost.Patience);
    }

    [Fact]
    public async Task Can_call_the_pool_but_not_command_it()
    {
        await _node.ConnectedAsync("a");
        var pool = await _caller.ActorSelection($"{_node.Address}/user/mcp-pool").ResolveOne(PoolHost.Patience);

        foreach (var command in Commands)
        {
            var refused = Assert.IsType<CommandRefused>(await pool.Ask<CommandReply>(command, PoolHost.Patience));
            Assert.Contains("outside-commands", refused.Reason, StringComparison.Ordinal);
        }

        Assert.IsType<CallCompleted>(await pool.Ask<CallReply>(new CallTool("work"), PoolHost.Patience));
        var status = await pool.Ask<PoolStatus>(new GetPoolStatus(), PoolHost.Patience);
        Assert.Equal((ServerStatus.Connected, CircuitState.Closed), (status.Servers.Single().Status, status.Servers.Single().Circuit));
    }

    [Fact]
    public async Task Cannot_command_the_pool_through_ClusterClient_either()
    {
        await _node.ConnectedAsync("a");
        var contact = new RootActorPath(_node.Address) / "system" / "receptionist";
        var client = _caller.ActorOf(ClusterClient.Props(ClusterClientSettings.Create(_caller).WithInitialContacts([contact])));

        var refused = Assert.IsType<CommandRefused>(await client.Ask<CommandReply>(
            new ClusterClient.Send("/user/mcp-pool", new RemoveServer("a")), PoolHost.Patience));

        Assert.Contains("outside-commands", refused.Reason, StringComparison.Ordinal);
        Assert.NotNull(await _node.ServerAsync("a"));
    }

    [Fact]
    public async Task Cannot_command_the_pool_without_a_sender_either()
    {
        await _node.ConnectedAsync("a");
        var pool = await _caller.ActorSelection($"{_node.Address}/user/mcp-pool").ResolveOne(PoolHost.Patience);

        foreach (var command in Commands)
            pool.Tell(command, ActorRefs.NoSender);

        // Sent over the same link, so it arrives after them.
        var status = await pool.Ask<PoolStatus>(new GetPoolStatus(), PoolHost.Patience);
        Assert.Equal(("a", ServerStatus.Connected), (status.Servers.Single().Name, status.Servers.Single().Status));
        Assert.IsType<CallCompleted>(await pool.Ask<CallReply>(new CallTool("work"), PoolHost.Patience));
    }

    [Fact]
    public async Task Cannot_end_the_attempts_of_others_nor_operate_their_servers()
    {
        var begun = new TaskCompletionSource();
        var end = new TaskCompletionSource();
        _cluster.Memory.Add("slow").Tool("wait", async (_, _) =>
        {
            begun.SetResult();
            await end.Task;
            return "waited";
        });
        var node = await _cluster.AddAsync(PoolHost.Settings("slow"));
        await node.ConnectedAsync("slow");
        var running = node.Pool.CallToolAsync("wait");
        await begun.Task.WaitAsync(PoolHost.Patience);
        var pool = At(node, "/user/mcp-pool");

        for (var id = 0; id < 200; id++)
        {
            At(node, "/user/mcp-pool/router").Tell(
                new AttemptEnded(id, AttemptResult.NotSent(AttemptCause.NotConnected, "forged")), ActorRefs.NoSender);
        }
        At(node, "/user/mcp-pool/slow").Tell(CircuitCommand.Isolate, ActorRefs.NoSender);
        At(node, "/user/mcp-pool/slow").Tell(CircuitCommand.Retire);
        At(node, "/user/mcp-pool/slow").Tell(ConnectionCommand.Disconnect, ActorRefs.NoSender);
        At(node, "/user/mcp-pool/slow/connection").Tell(ConnectionCommand.Disconnect);
        ((IInternalActorRef)pool).SendSystemMessage(
            new DeathWatchNotification(At(node, "/user/mcp-pool/router"), existenceConfirmed: true, addressTerminated: false));

        // Sent over the same link, so it arrives after them; twice, because the actors behind the pool have mailboxes of their own.
        for (var i = 0; i < 2; i++)
        {
            var server = (await pool.Ask<PoolStatus>(new GetPoolStatus(), PoolHost.Patience)).Servers.Single();
            Assert.Equal((ServerStatus.Connected, CircuitState.Closed), (server.Status, server.Circuit));
        }
        Assert.False(running.IsCompleted);
        end.SetResult();
        var reply = await running.WaitAsync(PoolHost.Patience);
        Assert.Equal("waited", reply.Result.GetProperty("content")[0].GetProperty("text").GetString());
        Assert.Single(reply.Attempts);

        IActorRef At(TestNode there, string path) => ((ExtendedActorSystem)_caller).Provider.ResolveActorRef(there.Address + path);
    }

    [Fact]
    public async Task Can_command_the_pool_of_a_node_that_allows_it()
    {
        var node = await _cluster.AddAsync(settings: cluster => cluster with { OutsideCommands = true });
        await node.ConnectedAsync("a");
        var pool = await _caller.ActorSelection($"{node.Address}/user/mcp-pool").ResolveOne(PoolHost.Patience);

        Assert.IsType<CommandAccepted>(await pool.Ask<CommandReply>(new IsolateServer("a"), PoolHost.Patience));
    }

    [Fact]
    public async Task Cannot_have_a_node_start_a_program()
    {
        var file = Path.Combine(Path.GetTempPath(), $"mcp-actors-{Guid.NewGuid():N}");
        var shard = _caller.ActorSelection($"{_node.Address}/system/sharding/mcp-server");

        shard.Tell(new JoinServer("x@1", OperatorIntent.None));
        Assert.IsType<CommandRefused>(await (await _caller.ActorSelection($"{_node.Address}/user/mcp-pool").ResolveOne(PoolHost.Patience))
            .Ask<CommandReply>(new AddServer(new ServerSettings { Name = "y", Uri = new Uri("memory://a") }), PoolHost.Patience));
        var program = new ServerSettings { Name = "x", Command = "touch", Args = [file], Placement = ServerPlacement.EveryNode };
        await DistributedData.Get(_node.System).Replicator.Ask<UpdateSuccess>(
            Dsl.Update(
                new LWWDictionaryKey<string, string>("mcp-pool"), LWWDictionary<string, string>.Empty, WriteLocal.Instance, "here",
                all => all
                    .SetItem(_node.Cluster, "server/x", Entry(program))
                    .SetItem(_node.Cluster, "server/y", Entry(new ServerSettings { Name = "y", Uri = new Uri("memory://a") }))),
            PoolHost.Patience);

        await _node.ConnectedAsync("y");
        Assert.Null(await _node.ServerAsync("x"));
        Assert.False(File.Exists(file));

        static string Entry(ServerSettings server) =>
            JsonSerializer.Serialize(new StoredServer(1, new(server)), SharedSettingsJson.Default.StoredServer);
    }

    private static PoolCommand[] Commands =>
    [
        new AddServer(new ServerSettings { Name = "b", Uri = new Uri("http://169.254.169.254/") }),
        new UpdateServer(new ServerSettings { Name = "a", Uri = new Uri("http://evil.example/") }),
        new RemoveServer("a"), new ConnectServer("a"), new DisconnectServer("a"), new ReconnectServer("a"), new DrainServer("a"),
        new IsolateServer("a"), new ResetCircuit("a"),
    ];

    [Fact]
    public void A_message_without_a_serializer_is_not_sent_either()
    {
        var serializer = _node.System.Serialization.FindSerializerForType(typeof(Named));

        var error = Assert.Throws<SerializationException>(() => serializer.ToBinary(new Named("x")));

        Assert.Contains(typeof(Named).FullName!, error.Message, StringComparison.Ordinal);
        Assert.Contains(Newtonsoft, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_can_restore_the_fallback_serializer_for_its_own_messages()
    {
        var node = await _cluster.AddAsync(hocon: Newtonsoft);
        var other = Other(node);

        other.Tell(new Named("mine"));

        Assert.Equal("ask/1", await other.Ask<string>("ask", PoolHost.Patience));
        Assert.Equal(["mine", "ask"], OtherActor.Received(node));
    }

    /// <summary>An actor of the node's program, not of the pool, by its path.</summary>
    private IActorRef Other(TestNode node)
    {
        node.System.ActorOf(Props.Create(() => new OtherActor()), "other");
        return ((ExtendedActorSystem)_outside).Provider.ResolveActorRef($"{node.Address}/user/other");
    }

    public sealed record Named(string Text);

    private sealed class OtherActor : ReceiveActor
    {
        private static readonly ConcurrentDictionary<ActorSystem, (int Starts, ConcurrentQueue<string> Received)> All = new();

        private readonly int _starts;

        public OtherActor()
        {
            _starts = All.AddOrUpdate(Context.System, _ => (1, new()), (_, known) => (known.Starts + 1, known.Received)).Starts;
            Receive<string>(text =>
            {
                All[Context.System].Received.Enqueue(text);
                Sender.Tell($"{text}/{_starts}");
            });
            Receive<Named>(named => All[Context.System].Received.Enqueue(named.Text));
        }

        public static string[] Received(TestNode node) => [.. All[node.System].Received];
    }

    private sealed class DeployedActor : ReceiveActor
    {
        public DeployedActor() => Starts++;

        public static int Starts { get; set; }
    }

    private sealed class WatchingActor : ReceiveActor
    {
        public WatchingActor(IActorRef watched, TaskCompletionSource ended)
        {
            Receive<Terminated>(_ => ended.TrySetResult());
            Context.Watch(watched);
        }
    }

    private sealed class LogActor : ReceiveActor
    {
        public LogActor(ConcurrentQueue<string> log) => Receive<LogEvent>(entry => log.Enqueue($"{entry.Message} {entry.Cause?.Message}"));
    }
}
