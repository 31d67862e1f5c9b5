using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using Akka.Actor;
using CsCheck;
using McpActors.Configuration;
using McpActors.Telemetry;
using McpActors.Tests.Routing;
using McpActors.Tests.Telemetry;
using McpActors.Transports;
using Xunit;

namespace McpActors.Tests.Pool;

/// <summary>
/// Messages that hold whatever a caller can put into them, beside calls under way, in a pool whose telemetry is on: each is answered, no
/// actor restarts, nobody else's call is touched, and no circuit moves.
/// </summary>
public sealed class HostileCallSpecs : IAsyncLifetime
{
    private static readonly string Giant = new('x', 3_000_000);

    private static readonly string[] Words =
    [
        "echo", "", "\0", "\ud800", "a\udfff", ".", "..", "a/b", "/", "a/\ud800", "ping", "tools/call", "resources/read", "prompts/get",
        "tools/list", "initialize", "notifications/x", "router", "größe", "\r\nx: y", "\u202e\u001b[31m", new string('n', 513), Giant,
    ];

    private readonly MemoryServers _memory = new();
    private readonly TaskCompletionSource _release = new();
    private readonly ConcurrentQueue<string> _faults = new();
    private readonly ActivityListener _traces = new()
    {
        ShouldListenTo = source => source.Name == TelemetryNames.ActivitySource,
        Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
    };

    private PoolHost _host = null!;
    private MetricRecorder _metrics = null!;
    private Task<CallReply>[] _underWay = [];

    public async Task InitializeAsync()
    {
        foreach (var name in new[] { "a", "b" })
        {
            _memory.Add(name).Tool("echo", () => name).Tool("wait", async (_, _) =>
            {
                await _release.Task;
                return name;
            });
        }
        // On a busy machine nothing may depend on time.
        var settings = PoolHost.Settings("a", "b") with
        {
            CallTimeout = TimeSpan.FromMinutes(10),
            Probe = new ProbeSettings { Interval = TimeSpan.FromHours(1) },
        };
        _host = await PoolHost.StartConnectedAsync(settings, _memory);
        ActivitySource.AddActivityListener(_traces);
        _metrics = new MetricRecorder(_host.System);
        _host.System.EventStream.Subscribe(
            _host.System.ActorOf(Props.Create(() => new FaultReader(_faults))), typeof(Akka.Event.Error));
        var patient = new CallOptions { Timeout = TimeSpan.FromHours(1) };
        _underWay = [.. Enumerable.Range(0, 4).Select(_ => _host.Pool.SendAsync(new CallTool("wait", Options: patient)))];
        await _host.UntilAsync(status => status.Servers.Sum(server => server.InFlight) == _underWay.Length);
    }

    public async Task DisposeAsync()
    {
        _release.TrySetResult();
        _metrics.Dispose();
        _traces.Dispose();
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task Hand_picked_calls_harm_nobody()
    {
        foreach (var call in HandPicked())
            await AnswerAsync(call);

        await NobodyIsTouchedAsync();
    }

    [Fact]
    public async Task Generated_calls_harm_nobody()
    {
        var calls = new List<PoolCall>();
        Property.Holds(Calls(), calls.Add, samples: 1500);
        foreach (var call in calls)
            await AnswerAsync(call);

        await NobodyIsTouchedAsync();
    }

    [Fact]
    public async Task Hand_picked_commands_and_queries_harm_nobody()
    {
        ServerSettings good = new() { Name = "c", Uri = new Uri("memory://a") };
        foreach (var word in Words.Append(null!))
        {
            if (word is not ("echo" or "ping" or "initialize"))
                await RefuseAsync(new AddServer(good with { Name = word! }));
            await RefuseAsync(new ConnectServer(word));
            await RefuseAsync(new RemoveServer(word));
            await RefuseAsync(new UpdateServer(good with { Name = word }));
            await RefuseAsync(new CancelCall(word));
            if (word is not ("echo" or "ping" or "initialize"))
                await RefuseAsync(new AddServer(good with { Group = word! }));
            await _host.Actor.Ask<ClusterStatus>(new GetClusterStatus { Servers = [word] }, PoolHost.Patience);
        }
        await RefuseAsync(new AddServer(good with { Headers = null! }));
        await RefuseAsync(new ApplyConfiguration(new PoolSettings { Servers = new Throwing<ServerSettings>() }));
        await RefuseAsync(new ApplyConfiguration(
            new PoolSettings { Servers = [good], CallTimeout = TimeSpan.MaxValue, DrainTimeout = TimeSpan.MinValue }));
        Assert.NotNull((await _host.Actor.Ask<Explanation>(new Explain(null!), PoolHost.Patience)).Problem);
        _host.Actor.Tell(new SubscribeToPool(null!));
        _host.Actor.Tell("no message of the pool");

        await NobodyIsTouchedAsync();
    }

    [Fact]
    public async Task A_kill_from_outside_touches_no_call()
    {
        Router.Tell(Kill.Instance);
        await AnswerAsync(new CallTool("echo"));

        await NobodyIsTouchedAsync();
    }

    [Fact]
    public async Task A_router_that_is_stopped_from_outside_answers_its_calls_and_another_one_serves()
    {
        Router.Tell(PoisonPill.Instance);

        var replies = await Task.WhenAll(_underWay).WaitAsync(PoolHost.Patience);
        Assert.All(replies, reply => Assert.Equal(PoolErrorKind.OutcomeUnknown, Assert.IsType<CallFailed>(reply).Error.Kind));
        await _host.UntilAsync(status => status.Servers.Any(server => server.Status == ServerStatus.Connected));
        await _host.Pool.CallToolAsync("echo");
    }

    private ActorSelection Router => _host.System.ActorSelection(_host.Actor.Path / "router");

    private static IEnumerable<PoolCall> HandPicked()
    {
        var disposed = JsonDocument.Parse("""{"name":"echo"}""");
        var element = disposed.RootElement;
        disposed.Dispose();
        JsonElement[] parameters =
        [
            element, default, Json("null"), Json("[]"), Json("1"), Json("\"x\""), Json("""{"name":"\ud800"}"""),
            Json("""{"uri":"\ud800","name":"\udfff"}"""), Json("""{"name":"echo","name":"echo"}"""), Json("""{"name":1e999999}"""),
            Json("""{"name":"echo","_meta":{"a":1,"a":2}}"""), Json("""{"name":"echo","_meta":"\ud800"}"""),
            Json("""{"name":"echo","arguments":{"a":"\ud800"}}"""), Json("""{"name":"echo","arguments":[],"_meta":[]}"""),
            Json("{\"name\":\"echo\",\"arguments\":{\"a\":1" + new string('0', 100_000) + "}}"), Json($"{{\"name\":\"{Giant}\"}}"),
            .. new[] { 59, 60, 61, 62, 63, 64, 10_000 }.Select(levels => Json(WritableJsonTests.Nested(levels))),
            Bytes([.. "{\"name\":\""u8, 0xff, 0xfe, .. "\"}"u8]),
        ];
        foreach (var word in Words)
        {
            yield return new CallTool(word);
            yield return new ReadResource(word);
            yield return new GetPrompt(word);
            foreach (var given in word.Length < 1000 ? parameters : [])
                yield return new Execute(word, given);
        }
        foreach (var given in parameters)
        {
            yield return new CallTool("echo", given);
            yield return new GetPrompt("echo", given);
        }
        yield return new Execute(null!);
        yield return new CallTool(null!);
        yield return new ReadResource(null!);
        yield return new GetPrompt(null!);
        foreach (var options in Options())
            yield return new CallTool("echo", null, options);
    }

    private static IEnumerable<CallOptions> Options()
    {
        foreach (var word in Words)
        {
            yield return new() { Server = word };
            yield return new() { Group = word };
            yield return new() { Strategy = word };
            yield return new() { AffinityKey = word };
            yield return new() { AffinityKey = word, AffinityRequired = true };
            yield return new() { CallId = word };
            yield return new() { TraceContext = new(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), default, word) };
        }
        foreach (var time in new[] { TimeSpan.MinValue, TimeSpan.MaxValue, TimeSpan.Zero, -TimeSpan.FromTicks(1), TimeSpan.FromDays(25) })
        {
            yield return new() { Timeout = time };
            yield return new() { MaxTimeout = time };
            yield return new() { Hedge = new Hedging { After = time } };
        }
        yield return new() { Timeout = TimeSpan.FromDays(24), MaxTimeout = TimeSpan.FromDays(24) };
        foreach (var share in new[] { double.NaN, double.PositiveInfinity, -1, 2 })
            yield return new() { Hedge = new Hedging { Quantile = share } };
        yield return new() { Mode = (CallMode)int.MinValue, ProgressTo = ActorRefs.Nobody };
        yield return new() { Progress = new Faulty() };
        yield return new() { Server = "a", Group = "default" };
    }

    private static Gen<PoolCall> Calls()
    {
        var word = Gen.OneOf(WritableJsonTests.OneOf([.. Words.Where(word => word.Length < 1000)]), Gen.String);
        var json = WritableJsonTests.Objects(3).Select(text => (JsonElement?)Json(text));
        var options = Gen.Select(word, Gen.Int[0, 7]).Select((text, kind) => kind switch
        {
            0 => new CallOptions { AffinityKey = text },
            1 => new CallOptions { CallId = text },
            2 => new CallOptions { Server = text },
            3 => new CallOptions { Group = text },
            _ => null,
        });
        return Gen.Select(word, json, options, Gen.Int[0, 3]).Select((name, given, how, kind) => kind switch
        {
            0 => new Execute(name, given, how),
            1 => new CallTool(name, given, how),
            2 => new ReadResource(name, how),
            _ => (PoolCall)new GetPrompt(name, given, how),
        });
    }

    // By message and through the interface; each has an answer that blames neither a server nor a circuit.
    private async Task AnswerAsync(PoolCall call)
    {
        Harmless(call, await _host.Actor.Ask<CallReply>(call, PoolHost.Patience));
        Harmless(call, await _host.Pool.SendAsync(call).WaitAsync(PoolHost.Patience));
        await _host.Pool.ExplainAsync(call).WaitAsync(PoolHost.Patience);
    }

    private static void Harmless(PoolCall call, CallReply reply)
    {
        if (reply is not CallFailed { Error: var error })
            return;
        PoolErrorKind[] harmful =
            [PoolErrorKind.OutcomeUnknown, PoolErrorKind.CircuitOpen, PoolErrorKind.SessionLost, PoolErrorKind.Overloaded];
        Assert.False(
            harmful.Contains(error.Kind)
                || reply.Attempts.Any(attempt => attempt.Outcome is AttemptOutcome.ServerError or AttemptOutcome.Lost),
            $"{error.Kind}: {error.Message}; {call.Subject} {call.Options}");
        Assert.InRange(error.Message.Length, 1, 2000);
    }

    private async Task RefuseAsync(object command) =>
        Assert.True(await _host.Actor.Ask<object>(command, PoolHost.Patience) is CommandRefused, $"{command} was accepted");

    private async Task NobodyIsTouchedAsync()
    {
        var status = await _host.Pool.GetStatusAsync();
        Assert.Equal(
            [("a", ServerStatus.Connected, CircuitState.Closed, 0, 0L), ("b", ServerStatus.Connected, CircuitState.Closed, 0, 0L)],
            status.Servers.Select(server => (server.Name, server.Status, server.Circuit, server.Restarts, server.Failures)));
        Assert.Equal(_underWay.Length, status.Servers.Sum(server => server.InFlight));
        Assert.All(_underWay, call => Assert.False(call.IsCompleted));
        _release.SetResult();
        var replies = await Task.WhenAll(_underWay).WaitAsync(PoolHost.Patience);
        Assert.All(replies, reply => Assert.Single(Assert.IsType<CallCompleted>(reply).Attempts));
        Assert.Empty(_faults);
    }

    private static JsonElement Json(string text) =>
        JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 20_000 }).RootElement;

    private static JsonElement Bytes(byte[] json) => JsonDocument.Parse(json).RootElement;

    private sealed class FaultReader : ReceiveActor
    {
        // A command that is refused because its own lists throw is logged, and no fault of an actor.
        public FaultReader(ConcurrentQueue<string> faults) => Receive<Akka.Event.Error>(
            error => faults.Enqueue($"{error.LogSource}: {error.Message} {error.Cause}"),
            error => error.Message.ToString()?.StartsWith(nameof(ApplyConfiguration), StringComparison.Ordinal) != true);
    }

    private sealed class Faulty : IProgress<CallProgress>
    {
        public void Report(CallProgress value) => throw new UnprintableException();
    }

    private sealed class Throwing<T> : IReadOnlyList<T>
    {
        public T this[int index] => throw new UnprintableException();

        public int Count => throw new UnprintableException();

        public IEnumerator<T> GetEnumerator() => throw new UnprintableException();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
