using System.Collections.Concurrent;
using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using McpActors.Tests.Transports;
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

    private TestNode _node = null!;

    public async Task InitializeAsync()
    {
        _cluster.Memory.Add("a").Tool("work", () => "done");
        _node = await _cluster.AddAsync();
    }

    public async Task DisposeAsync()
    {
        await _outside.Terminate();
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

    [Fact]
    public async Task A_system_without_remoting_keeps_the_fallback_serializer()
    {
        await using var host = await PoolHost.StartAsync(PoolHost.Settings());
        var serializer = host.System.Serialization.FindSerializerForType(typeof(Named));

        Assert.Equal(new Named("x"), serializer.FromBinary<object>(serializer.ToBinary(new Named("x"))));
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
