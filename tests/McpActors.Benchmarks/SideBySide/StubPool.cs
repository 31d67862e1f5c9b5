using System.Collections.Frozen;
using System.Text.Json;
using Akka.Actor;
using McpActors.Balancing;
using McpActors.Calls;
using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Resilience;

namespace McpActors.Benchmarks.SideBySide;

/// <summary>
/// Replaces the pool's actor: the library's router and circuits below it, and under each circuit a connection that answers at once.
/// </summary>
internal sealed class StubPool : ReceiveActor
{
    public const string Tool = "echo";

    private readonly int _servers;
    private readonly Dictionary<IActorRef, string> _names = [];
    private IActorRef _router = ActorRefs.Nobody;

    public StubPool(int servers)
    {
        _servers = servers;
        Receive<PoolCall>(call => _router.Forward(call));
        Receive<GetPoolStatus>(query => _router.Forward(query));
        Receive<ServerReport>(report => _router.Tell(new ServerReported(_names[Sender], Sender, report)));
    }

    public static Props Props(int servers) => Akka.Actor.Props.Create(() => new StubPool(servers));

    protected override void PreStart()
    {
        var settings = new PoolSettings();
        _router = Context.ActorOf(RouterActor.Props(settings, Strategies.BuiltIn, seed: 1), "router");
        for (var i = 0; i < _servers; i++)
        {
            var server = new ServerSettings { Name = $"server-{i}", Uri = new Uri($"memory://server-{i}") };
            var circuit = Context.ActorOf(CircuitBreakerActor.Props(server, settings, StubConnection.Props, seed: 1), server.Name);
            _names.Add(circuit, server.Name);
            _router.Tell(new ServerJoined(server, circuit, i));
        }
    }

    private sealed class StubConnection : ReceiveActor
    {
        private static readonly JsonElement Definition = JsonSerializer.SerializeToElement(new { name = Tool });

        private static readonly ServerCatalogue Catalogue = new(
            new Dictionary<string, CatalogueTool> { [Tool] = new(Definition, false) }.ToFrozenDictionary(StringComparer.Ordinal),
            FrozenDictionary<string, JsonElement>.Empty,
            FrozenDictionary<string, JsonElement>.Empty,
            FrozenDictionary<string, JsonElement>.Empty);

        private static readonly AttemptResult Answer = new(AttemptOutcome.Succeeded)
        {
            Result = JsonSerializer.SerializeToElement(new { content = new[] { new { type = "text", text = "hello" } } }),
            Failed = false,
        };

        public StubConnection() => Receive<StartAttempt>(attempt => Context.Parent.Tell(new AttemptEnded(attempt.Id, Answer)));

        public static Props Props() => Akka.Actor.Props.Create(() => new StubConnection());

        protected override void PreStart() =>
            Context.Parent.Tell(new ConnectionReport { Status = ServerStatus.Connected, Catalogue = Catalogue });
    }
}
