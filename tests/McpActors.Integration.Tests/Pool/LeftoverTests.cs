using System.Text.Json;
using Akka.Actor;
using McpActors.Calls;
using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Resilience;
using McpActors.Tests.Transports;
using McpActors.Transports;
using Xunit;

namespace McpActors.Tests.Pool;

/// <summary>
/// A hundred thousand calls of every kind, while servers fail, hang, are disconnected, drained, replaced and removed, actors crash, and
/// callers give up: each call gets one reply, and afterwards no actor and no server holds anything.
/// </summary>
public sealed class LeftoverTests
{
    private const int Calls = 100_000;
    private const int Callers = 128;
    private const int SuccessesPerHarm = 60;
    private const int Hangs = 10;
    private const string Tool = "act";

    private static readonly string[] Names = ["a", "b", "c", "d"];
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(40);
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(2);

    private readonly MemoryServers _memory = new();
    private readonly int[] _replies = new int[Calls];
    private int _lastCall = -1;
    private int _executing;
    private int _succeeded;

    [Fact]
    public async Task A_hundred_thousand_calls_through_faults_are_answered_once_each_and_leave_nothing_behind()
    {
        foreach (var name in Names)
            _memory.Add(name).Tool(Tool, ActAsync);
        _memory["d"].ProtocolVersion = "2025-11-25";
        await using var host = await PoolHost.StartConnectedAsync(Settings(), _memory);

        using var over = new CancellationTokenSource();
        var harming = Task.Run(() => HarmAsync(host, over.Token));
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(() => CallAsync(host, new Random(caller)))));
        await over.CancelAsync();
        await harming;

        // Callers give up on a fifth of the calls. How many others fail because of the faults depends on the machine; a pool that does not
        // recover from a fault completes almost none.
        Assert.InRange(_succeeded, Calls / 4, Calls);
        await host.UntilAsync(status => status.Servers.All(server => server is { Status: ServerStatus.Connected, InFlight: 0 }));
        await AssertNothingIsHeldAsync(host);
        await Eventually.TrueAsync(() => Volatile.Read(ref _executing) == 0, "no server executes anything");
        await Eventually.TrueAsync(() => Names.All(name => _memory[name].Connections == 1), "each server has one connection");
        await Eventually.TrueAsync(() => !HasTemporaryActors(host.System), "no temporary actor is left");
        Assert.Equal(Enumerable.Repeat(1, Calls), _replies);
    }

    private static PoolSettings Settings() => PoolHost.Settings(Names) with
    {
        MaxInFlight = 32,
        MaxQueue = 16,
        RetryBudget = new RetryBudgetSettings { Ratio = 1 },
        Circuit = new CircuitSettings { OpenFor = Soon, MaxOpenFor = Short },
        Reconnect = new ReconnectSettings { MinBackoff = Soon, MaxBackoff = Short },
        DrainTimeout = Short,
        CloseTimeout = TimeSpan.FromSeconds(1),
    };

    // The servers

    private async Task<object?> ActAsync(MemoryCall call, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _executing);
        try
        {
            switch (call["how"].GetInt32())
            {
                case < 3:
                    throw new InvalidOperationException("broken");
                case < 5:
                    return MemoryAnswer.ToolError("no such file");
                case < 6:
                    return MemoryAnswer.Error(-32602, "bad argument");
                case < 8:
                    await Task.Delay(Soon, TimeProvider.System, cancellation);
                    return "late";
                case < Hangs:
                    await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellation);
                    return "never";
                default:
                    return "done";
            }
        }
        finally
        {
            Interlocked.Decrement(ref _executing);
        }
    }

    // The callers

    private async Task CallAsync(PoolHost host, Random random)
    {
        for (var number = Interlocked.Increment(ref _lastCall); number < Calls; number = Interlocked.Increment(ref _lastCall))
        {
            var how = random.Next(100);
            var timeout = how < Hangs ? Short : TimeSpan.FromSeconds(1);
            var call = new CallTool(Tool, JsonSerializer.SerializeToElement(new { how }), new CallOptions
            {
                Idempotent = random.Next(2) == 0,
                Timeout = timeout,
                MaxTimeout = random.Next(10) == 0 ? timeout * 2 : null,
                Hedge = random.Next(10) == 0 ? new Hedging { After = Soon } : null,
                Server = random.Next(20) == 0 ? Names[random.Next(Names.Length)] : null,
                AffinityKey = random.Next(10) == 0 ? $"key-{random.Next(100)}" : null,
            });
            var reply = await (random.Next(10) switch
            {
                0 => host.Actor.Ask<object>(call, PoolHost.Patience),
                1 => ImpatientAsync(host, call, random),
                2 => CancelledByIdAsync(host, call, number),
                _ => TellAsync(host, call, number),
            });
            if (reply is CallCompleted)
                Interlocked.Increment(ref _succeeded);
            else if (reply is CallFailed failed && failed.Attempts.All(attempt => attempt.Outcome == AttemptOutcome.NotSent))
                await Task.Delay(Soon, TimeProvider.System);
            // The other ways of calling cannot detect a second reply.
            if (_replies[number] == 0)
                _replies[number] = reply is CallCompleted or CallFailed ? 1 : -1;
        }
    }

    private async Task<object> TellAsync(PoolHost host, CallTool call, int number)
    {
        var reply = new CountingRef(((ExtendedActorSystem)host.System).Provider, _replies, number);
        host.Actor.Tell(call, reply);
        return await reply.First.WaitAsync(PoolHost.Patience);
    }

    private async Task<object> CancelledByIdAsync(PoolHost host, CallTool call, int number)
    {
        var id = $"call-{number}";
        var reply = TellAsync(host, call with { Options = call.Options! with { CallId = id } }, number);
        host.Actor.Tell(new CancelCall(id), ActorRefs.Nobody);
        return await reply;
    }

    private static async Task<object> ImpatientAsync(PoolHost host, CallTool call, Random random)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(random.Next(1, 20)));
        try
        {
            return await host.Pool.SendAsync(call, patience.Token);
        }
        catch (OperationCanceledException)
        {
            return new CallFailed(new PoolError(PoolErrorKind.Cancelled, "as wanted"), [], TimeSpan.Zero);
        }
    }

    // The faults

    private async Task HarmAsync(PoolHost host, CancellationToken over)
    {
        var random = new Random(1);
        using var turn = new PeriodicTimer(Soon);
        for (var i = 0; !over.IsCancellationRequested; i++)
        {
            // Paced by successful calls and not by time, so that a slow machine, where a server takes longer to come back, has no more
            // faults for each call than a fast one.
            while (Volatile.Read(ref _succeeded) < i * SuccessesPerHarm && !over.IsCancellationRequested)
                await turn.WaitForNextTickAsync(CancellationToken.None);
            var name = Names[random.Next(Names.Length)];
            switch (i % 12)
            {
                case < 4:
                    _memory[name].Disconnect();
                    break;
                case 4:
                    await CommandAsync(host, new ReconnectServer(name));
                    break;
                case 5:
                    await CommandAsync(host, new DisconnectServer(name), new ConnectServer(name));
                    break;
                case 6:
                    await CommandAsync(host, new DrainServer(name), new ConnectServer(name));
                    break;
                case 7:
                    await CommandAsync(host, new UpdateServer(SettingsOf(name) with { Weight = random.Next(1, 5) }));
                    break;
                case 8:
                    await CommandAsync(host, new RemoveServer(name), new AddServer(SettingsOf(name)));
                    break;
                case 9:
                    await CommandAsync(host, new IsolateServer(name), new ResetCircuit(name));
                    break;
                case 10:
                    await CrashAsync(host, $"{name}/connection");
                    break;
                default:
                    await CrashAsync(host, random.Next(3) == 0 ? "router" : name);
                    break;
            }
        }
    }

    private static ServerSettings SettingsOf(string name) => Settings().Servers.Single(server => server.Name == name);

    private static async Task CommandAsync(PoolHost host, params PoolCommand[] commands)
    {
        using var between = new PeriodicTimer(Soon);
        foreach (var command in commands)
        {
            await host.Pool.CommandAsync(command);
            await between.WaitForNextTickAsync();
        }
    }

    private static async Task CrashAsync(PoolHost host, string child)
    {
        var actor = host.System.ActorSelection(host.Actor.Path / child.Split('/'));
        if (child == "router")
            await RestartAsync(actor);
        else
            actor.Tell(Kill.Instance);
    }

    // The pool does not count a kill of its router as a fault.
    private static async Task RestartAsync(ActorSelection router)
    {
        var found = (IInternalActorRef)await router.ResolveOne(PoolHost.Patience);
        found.Suspend();
        found.Restart(new InvalidOperationException("crash"));
    }

    // The leftovers

    private sealed record Held(RouterLoad Router, CircuitLoad Circuit, ConnectionLoad Connection);

    private static Held Nothing { get; } = new(new RouterLoad(0, 0, 0, 0, false), new CircuitLoad(0, 0, 0), new ConnectionLoad(0, 0));

    private static async Task AssertNothingIsHeldAsync(PoolHost host)
    {
        using var tick = new PeriodicTimer(Soon);
        var start = TimeProvider.System.GetTimestamp();
        var held = await HeldAsync(host);
        for (; held != Nothing && TimeProvider.System.GetElapsedTime(start) < PoolHost.Patience; held = await HeldAsync(host))
            await tick.WaitForNextTickAsync();
        Assert.True(
            held == Nothing,
            $"{held?.ToString() ?? "no report"}; actors: {string.Join(", ", Below((ActorRefWithCell)host.Actor))}");
    }

    private static IEnumerable<string> Below(ActorRefWithCell actor) =>
        actor.Children.OfType<ActorRefWithCell>()
            .SelectMany(child => Below(child).Prepend(string.Join('/', child.Path.Elements.TakeLast(2))));

    private static async Task<Held?> HeldAsync(PoolHost host)
    {
        var children = ((ActorRefWithCell)host.Actor).Children.ToArray();
        var router = children.Single(child => child.Path.Name == "router");
        var circuits = children.Where(child => child.Path.Name != "router").ToArray();
        var connections = circuits.SelectMany(circuit => ((ActorRefWithCell)circuit).Children).ToArray();
        // The actors of replaced or removed servers are still stopping.
        if (circuits.Length != Names.Length || connections.Length != Names.Length)
            return null;
        try
        {
            return new Held(
                await AskAsync<RouterLoad>(router),
                (await Task.WhenAll(circuits.Select(AskAsync<CircuitLoad>)))
                    .Aggregate((sum, held) =>
                        new CircuitLoad(sum.Running + held.Running, sum.Places + held.Places, sum.Queued + held.Queued)),
                (await Task.WhenAll(connections.Select(AskAsync<ConnectionLoad>)))
                    .Aggregate((sum, held) => new ConnectionLoad(sum.Running + held.Running, sum.Resumed + held.Resumed)));
        }
        catch (AskTimeoutException)
        {
            // The last crash is not over yet: one of the queried actors is gone, another takes its place.
            return null;
        }
    }

    private static Task<T> AskAsync<T>(IActorRef actor) => actor.Ask<T>(GetLoad.Instance, AnswerWithin);

    // Akka keeps the container of its Asks to itself.
    private static bool HasTemporaryActors(ActorSystem system)
    {
        var container = ((ExtendedActorSystem)system).Provider.TempContainer;
        return (bool)container.GetType().GetProperty("HasChildren")!.GetValue(container)!;
    }

    /// <summary>A caller that counts its replies.</summary>
    private sealed class CountingRef(IActorRefProvider provider, int[] replies, int number) : MinimalActorRef
    {
        private readonly TaskCompletionSource<object> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override ActorPath Path => provider.DeadLetters.Path;

        public override IActorRefProvider Provider => provider;

        public Task<object> First => _first.Task;

        protected override void TellInternal(object message, IActorRef sender)
        {
            Interlocked.Increment(ref replies[number]);
            _first.TrySetResult(message);
        }
    }
}
