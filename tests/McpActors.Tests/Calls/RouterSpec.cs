using System.Text.Json;
using Akka.Actor;
using Akka.TestKit;
using McpActors.Balancing;
using McpActors.Calls;
using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Resilience;

namespace McpActors.Tests.Calls;

/// <summary>A router between a caller and circuits that are probes, in virtual time.</summary>
public abstract class RouterSpec : VirtualTimeSpec
{
    private protected static readonly CallOptions Vouched = new() { Idempotent = true };

    protected RouterSpec(string hocon = "")
        : base(hocon)
    {
        Pool = CreateTestProbe("pool");
        Caller = CreateTestProbe("caller");
    }

    private protected TestProbe Pool { get; }

    private protected TestProbe Caller { get; }

    private protected Dictionary<string, TestProbe> Circuits { get; } = [];

    private protected IActorRef Router { get; set; } = ActorRefs.Nobody;

    private protected static ServerReport Connected { get; } =
        new(new ConnectionReport { Status = ServerStatus.Connected }, CircuitState.Closed, "", null, false);

    private protected void Start(params string[] names) => Start([.. names.Select(name => new ServerSettings { Name = name })]);

    private protected void Start(params ServerSettings[] servers) => Start(new PoolSettings(), servers);

    private protected void Start(PoolSettings settings, params ServerSettings[] servers)
    {
        Router = Pool.ChildActorOf(
            RouterActor.Props(settings, Strategies.BuiltIn, seed: 1), "router", new OneForOneStrategy(_ => Directive.Restart));
        foreach (var (i, server) in servers.Index())
        {
            Circuits[server.Name] = CreateTestProbe(server.Name);
            Join(server, i);
            Report(server.Name, Connected);
        }
    }

    private protected void Join(ServerSettings server, int ordinal) =>
        Router.Tell(new ServerJoined(server, Circuits[server.Name], ordinal));

    private protected void Report(string server, ServerReport report) => Router.Tell(new ServerReported(server, Circuits[server], report));

    private protected void Call(PoolCall call) => Router.Tell(call, Caller);

    private protected async Task AnswerAsync(string server, AttemptResult result)
    {
        var attempt = await Circuits[server].ExpectMsgAsync<StartAttempt>();
        Circuits[server].Reply(new AttemptEnded(attempt.Id, result));
    }

    /// <summary>The error of the call that fails next.</summary>
    private protected async Task<PoolError> FailureAsync() => (await Caller.ExpectMsgAsync<CallFailed>()).Error;

    private protected async Task<(int InFlight, long Calls)> InFlightAndCallsAsync(string server)
    {
        var status = await Router.Ask<PoolStatus>(GetPoolStatus.Instance, PoolHost.Patience);
        var info = status.Servers.Single(info => info.Name == server);
        return (info.InFlight, info.Calls);
    }

    private protected static AttemptResult Success(string source) =>
        new(AttemptOutcome.Succeeded) { Result = JsonSerializer.SerializeToElement(new { source }), Failed = false };

    private protected static AttemptResult ServerError(string message = "broken") =>
        new(AttemptOutcome.ServerError) { Code = -32000, Error = message, Failed = true };

    private protected static AttemptResult AsksToPause(TimeSpan time) =>
        new(AttemptOutcome.Refused) { Cause = AttemptCause.Overloaded, RetryAfter = time };
}
