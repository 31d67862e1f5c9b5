using System.Diagnostics;
using System.Runtime.Serialization;
using System.Text;
using System.Text.Json;
using Akka.Actor;
using Akka.Hosting;
using McpActors.Clustering;
using McpActors.Clustering.Nodes;
using McpActors.Clustering.OneNode;
using McpActors.Clustering.Wire;
using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Hosting;
using McpActors.Pool;
using McpActors.Resilience;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Xunit;

namespace McpActors.Tests.Clustering;

/// <summary>What the pool's messages look like between processes, and what does not cross.</summary>
public sealed class WireTests : IAsyncLifetime
{
    private static readonly DateTimeOffset At = new(2026, 11, 23, 1, 2, 3, TimeSpan.Zero);

    private IHost _host = null!;
    private PoolMessageSerializer _serializer = null!;

    private ActorSystem System => _host.Services.GetRequiredService<ActorSystem>();

    public async Task InitializeAsync()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddAkka("wire", akka => akka
            .AddHocon("akka.remote.dot-netty.tcp.maximum-frame-size = 64 KiB", HoconAddMode.Prepend)
            .WithMcpPoolMessages());
        _host = builder.Build();
        await _host.StartAsync();
        _serializer = Assert.IsType<PoolMessageSerializer>(System.Serialization.FindSerializerForType(typeof(Execute)));
    }

    public async Task DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    [Fact]
    public void Every_message_comes_back_as_it_went()
    {
        var samples = Samples();
        Assert.Equal(WireTypes.Messages.Select(type => type.Name).Order(), samples.Select(sample => sample.GetType().Name).Distinct().Order());

        // Compared as text: lists and JSON have no equality of their own.
        Assert.All(samples, sample => Assert.Equal(Text(sample), Text(Over(sample))));
    }

    [Fact]
    public void Every_public_message_can_cross_but_those_that_carry_a_whole_configuration()
    {
        var messages = typeof(Execute).Assembly.GetExportedTypes().Where(type => type is { IsAbstract: false, IsInterface: false }
            && (type.IsAssignableTo(typeof(PoolCall)) || type.IsAssignableTo(typeof(PoolCommand)) || type.IsAssignableTo(typeof(PoolEvent))));

        Assert.Equal([nameof(ApplyConfiguration)], messages.Where(type => WireTypes.ManifestOf(type) is null).Select(type => type.Name));
    }

    // What an older or newer node has to read: change a line here only together with the version in its manifest.
    [Theory]
    [InlineData("execute/1", """{"method":"getData","params":{"a":1},"options":{"mode":"Failover","timeout":"00:00:05","traceContext":"","callId":"7"}}""")]
    [InlineData("executed/1", """{"result":{"content":[]},"server":"a","attempts":[{"server":"a","outcome":"Succeeded","elapsed":"00:00:00.0010000"}],"elapsed":"00:00:00.0020000"}""")]
    [InlineData("execute-failed/1", """{"error":{"kind":"OutcomeUnknown","message":"it may have run","server":"a","servers":[]},"attempts":[],"elapsed":"00:00:00"}""")]
    [InlineData("circuit-state-changed/1", """{"server":"a","from":"Closed","to":"Open","reason":"timeout","at":"2026-11-23T01:02:03+00:00"}""")]
    public void The_format_of_version_1_stays(string manifest, string json)
    {
        var message = _serializer.FromBinary(Encoding.UTF8.GetBytes(json), manifest);

        using var expected = JsonDocument.Parse(json);
        using var written = JsonDocument.Parse(_serializer.ToBinary(message));
        AssertHolds(expected.RootElement, written.RootElement);
        Assert.Equal(Text(message), Text(Over(message)));
    }

    [Fact]
    public void What_a_newer_version_added_is_ignored_and_what_is_missing_has_its_default()
    {
        var call = Assert.IsType<Execute>(_serializer.FromBinary("""{"method":"getData","someday":{"x":[1]}}"""u8.ToArray(), "execute/1"));

        Assert.Equal(new Execute("getData"), call);
    }

    [Fact]
    public void An_unknown_manifest_is_refused_by_name()
    {
        var error = Assert.Throws<SerializationException>(() => _serializer.FromBinary("{}"u8.ToArray(), "execute/2"));

        Assert.Contains("execute/2", error.Message, StringComparison.Ordinal);
        Assert.Contains("execute/1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rubbish_is_refused_and_named()
    {
        var error = Assert.Throws<SerializationException>(() => _serializer.FromBinary("[1]"u8.ToArray(), "execute/1"));

        Assert.Contains("execute/1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_type_that_is_not_listed_does_not_cross() =>
        Assert.Throws<SerializationException>(() => _serializer.Manifest(new ApplyConfiguration(new PoolSettings())));

    [Fact]
    public void An_answer_that_does_not_fit_a_frame_becomes_an_error_that_names_both_limits()
    {
        var answer = new CallCompleted(JsonSerializer.SerializeToElement(new string('x', 100_000)), "a", [], TimeSpan.Zero);

        var error = Assert.IsType<CallFailed>(Over(answer)).Error;

        Assert.Equal(PoolErrorKind.Rejected, error.Kind);
        Assert.Contains("maximum-frame-size", error.Message, StringComparison.Ordinal);
        Assert.Contains("max-result-size", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Ten_thousand_servers_on_three_nodes_all_of_them_in_error_fit_a_frame()
    {
        var servers = Enumerable.Range(0, 10_000)
            .Select(i => new ServerOnNode($"production-server-{i:00000}", ServerStatus.Error, CircuitState.HalfOpen, "192.168.100.100:8110", new string('x', 200))).ToArray();
        var nodes = Enumerable.Range(0, 3).Select(i => new NodeInfo { Address = $"192.168.100.10{i}:8110", Servers = servers }).ToArray();

        var json = JsonSerializer.SerializeToUtf8Bytes(new ClusterStatus(nodes, At), WireJson.For((ExtendedActorSystem)System).ClusterStatus);

        Assert.InRange(json.Length, 0, 20 * 1024 * 1024);
    }

    [Fact]
    public void What_a_node_says_in_one_message_fits_the_smallest_frame()
    {
        var servers = Enumerable.Range(0, NodesActor.ServersAtOnce)
            .Select(i => new ServerNews($"production-server-{i:00000}", ServerStatus.Error, CircuitState.HalfOpen, new string('x', 200), true, "192.168.100.100:8110")).ToArray();

        Assert.Equal(servers.Length, Assert.IsType<NodeSnapshot>(Over(new NodeSnapshot(new NodeId("akka.tcp://mcp-actors@192.168.100.100:8110", 1), 7, 0, 1, servers))).Servers.Count);
    }

    [Fact]
    public async Task A_call_that_does_not_fit_a_frame_is_refused_as_invalid()
    {
        var call = new CallTool("work", JsonSerializer.SerializeToElement(new { text = new string('x', 100_000) }));
        await using var host = await PoolHost.StartAsync(PoolHost.Settings());

        var failed = await host.Actor.Ask<CallFailed>(Over(call), PoolHost.Patience);

        Assert.Equal(PoolErrorKind.InvalidRequest, failed.Error.Kind);
        Assert.Contains("maximum-frame-size", failed.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_attempt_that_does_not_fit_a_frame_can_still_be_answered()
    {
        var large = JsonSerializer.SerializeToElement(new string('x', 100_000));

        var attempt = Over(new SharedAttempt(7, new CallRequest("tools/call", "t", large, true), TimeSpan.Zero, null));
        var ended = Over(new AttemptEnded(8, new AttemptResult(AttemptOutcome.Succeeded) { Result = large }));

        Assert.Equal([7, 8], new[] { attempt, ended }.Select(message => Assert.IsType<UnsendableAttempt>(message).AttemptId));
    }

    [Fact]
    public void Between_nodes_a_server_goes_whole_and_its_secrets_as_where_they_are_read_from()
    {
        var join = SamplesBetweenNodes(JsonSerializer.SerializeToElement(1)).OfType<JoinServer>().Single();

        var settings = Assert.IsType<JoinServer>(Over(join)).Settings;

        var none = new ServerSettings { Name = "none" };
        Assert.All(typeof(ServerSettings).GetProperties().Where(property => property.CanWrite), property =>
        {
            Assert.NotEqual(property.GetValue(none), property.GetValue(join.Settings));
            Assert.Equal(property.GetValue(join.Settings), property.GetValue(settings));
        });
    }

    public static TheoryData<ServerSettings> ServersThatDoNotCross => new()
    {
        new ServerSettings { Name = "s", Command = "sh" },
        new ServerSettings { Name = "s", Uri = new("http://localhost"), Token = Secret.FromFile("/etc/shadow") },
        new ServerSettings { Name = "s", Uri = new("http://localhost"), Token = Secret.FromEnvironment("PATH") },
        new ServerSettings { Name = "s", Uri = new("http://localhost"), Headers = new Dictionary<string, Secret> { ["X"] = Secret.FromTemplate("${PATH}") } },
    };

    [Theory]
    [MemberData(nameof(ServersThatDoNotCross))]
    public async Task A_server_that_could_turn_the_pools_machine_against_itself_is_refused_with_the_reason(ServerSettings server)
    {
        await using var host = await PoolHost.StartAsync(PoolHost.Settings());

        var refused = await host.Actor.Ask<CommandRefused>(Over(new AddServer(server)), PoolHost.Patience);

        Assert.Contains("server s cannot be added from another process", refused.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_server_added_from_another_process_is_guarded_and_its_marks_are_not_believed()
    {
        var server = new ServerSettings { Name = "s", Uri = new("http://localhost:1/mcp"), Token = Secret.FromLiteral("token-of-mine"), TrustAnnotations = true };

        var added = Assert.IsType<AddServer>(Over(new AddServer(server))).Settings;

        Assert.Equal((false, true, "token-of-mine"), (added.TrustAnnotations, added.GuardTarget, added.Token!.Resolve()));
    }

    [Fact]
    public void A_reference_comes_back_as_the_same_actor()
    {
        var actor = System.ActorOf(Props.Create(() => new Nobody()), "progress");

        var call = Assert.IsType<CallTool>(Over(new CallTool("work", Options: new CallOptions { ProgressTo = actor })));

        Assert.Equal(actor, call.Options!.ProgressTo);
    }

    [Fact]
    public void A_trace_crosses_with_its_state()
    {
        var trace = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded, "vendor=1");

        var call = Assert.IsType<CallTool>(Over(new CallTool("work", Options: new CallOptions { TraceContext = trace })));

        Assert.Equal((trace.TraceId, trace.SpanId, trace.TraceFlags, "vendor=1"),
            (call.Options!.TraceContext.TraceId, call.Options.TraceContext.SpanId, call.Options.TraceContext.TraceFlags, call.Options.TraceContext.TraceState));
    }

    // What is written may have more: values that were left to their defaults.
    private static void AssertHolds(JsonElement expected, JsonElement written)
    {
        if (expected.ValueKind != JsonValueKind.Object)
        {
            Assert.Equal(expected.GetRawText(), written.GetRawText());
            return;
        }
        foreach (var property in expected.EnumerateObject())
            AssertHolds(property.Value, written.GetProperty(property.Name));
    }

    private object Over(object message) => _serializer.FromBinary(_serializer.ToBinary(message), _serializer.Manifest(message));

    private string Text(object message) => Encoding.UTF8.GetString(_serializer.ToBinary(message));

    private object[] Samples()
    {
        var json = JsonSerializer.SerializeToElement(new { a = 1, b = new[] { "x" } });
        var reference = System.DeadLetters;
        var options = new CallOptions
        {
            Group = "g",
            Mode = CallMode.Failover,
            Strategy = "random",
            Timeout = TimeSpan.FromSeconds(5),
            AffinityKey = "k",
            AffinityRequired = true,
            Idempotent = true,
            MaxTimeout = TimeSpan.FromSeconds(9),
            Hedge = new Hedging { Quantile = 0.9 },
            CallId = "7",
            ProgressTo = reference,
        };
        Attempt[] attempts = [new("a", AttemptOutcome.Lost, "gone", TimeSpan.FromMilliseconds(3))];
        var error = new PoolError(PoolErrorKind.ServerError, "broken")
        {
            Server = "a",
            Code = -32050,
            Data = json,
            RetryAfter = TimeSpan.FromSeconds(1),
            Servers = [new ServerReason("a", "down")],
        };
        var settings = new ServerSettings
        {
            Name = "s",
            Uri = new("http://localhost:1/mcp"),
            Token = Secret.FromLiteral("t"),
            Headers = new Dictionary<string, Secret> { ["X"] = Secret.FromLiteral("y") },
            Group = "g",
            Priority = 3,
            Weight = 2,
            MaxInFlight = 4,
            MaxQueue = 5,
            ProtocolVersion = "2025-11-25",
        };
        var node = new NodeId("akka.tcp://mcp-actors@a:1", -5);
        var news = new ServerNews("a", ServerStatus.Error, CircuitState.Open, "gone", true, "b:2");
        return
        [
            new Execute("getData", json, options), new CallTool("work", json, options), new ReadResource("file:///x", options), new GetPrompt("p", json, options),
            new CancelCall("7"), new CallProgress("7", "a", 0.5, 1, "half"), new CallCompleted(json, "a", attempts, TimeSpan.FromSeconds(1)),
            new CallFailed(error, attempts, TimeSpan.FromSeconds(1)), ListTools.Instance, ListResources.Instance, ListPrompts.Instance,
            new ToolList([new CatalogueEntry("t", json, ["a"])]), new ResourceList([], [new CatalogueEntry("r", json, ["a"])]), new PromptList([]),
            GetPoolStatus.Instance,
            new PoolStatus(
                [
                    new ServerInfo
                    {
                        Name = "a", Endpoint = "http://a", Group = "g", Priority = 1, Weight = 2, Status = ServerStatus.Error, Circuit = CircuitState.HalfOpen, Draining = true, Node = "h:1",
                        InFlight = 3, Calls = 4, Failures = 5, Latency = TimeSpan.FromMilliseconds(6), LatencyP50 = TimeSpan.FromMilliseconds(7),
                        LatencyP99 = TimeSpan.FromMilliseconds(8), ProtocolVersion = "2025-11-25", ServerName = "n", ServerVersion = "v", LastError = "e", LastErrorAt = At,
                        NextReconnect = At, Restarts = 9, Tools = 10,
                    },
                ],
                At),
            new Explain(new CallTool("work", json, options)),
            new Explanation
            {
                Method = "tools/call", Name = "work", Route = "r", Server = "a", Group = "g", Strategy = "random", Safe = true, Timeout = TimeSpan.FromSeconds(2),
                Candidates = [new CandidateExplanation("a", true, "available")], Problem = error,
            },
            new ConnectServer("a"), new DisconnectServer("a"), new ReconnectServer("a"), new DrainServer("a"), new IsolateServer("a"), new ResetCircuit("a"),
            new AddServer(settings), new UpdateServer(settings), new RemoveServer("a"), CommandAccepted.Instance, new CommandRefused("no"), new SubscribeToPool(reference),
            new UnsubscribeFromPool(reference), new ServerStatusChanged("a", ServerStatus.Connected, ServerStatus.Error, "gone", At),
            new CircuitStateChanged("a", CircuitState.Open, CircuitState.HalfOpen, "time", At), new CallFailedOver("work", "7", "a", "b", AttemptOutcome.NotSent, At),
            new CatalogueChanged("a", At), new ServerAdded("a", At), new ServerRemoved("a", At), new ConfigurationApplied(["a"], ["b"], ["c"], ["routes"], At),
            new GetClusterStatus { Servers = ["a"] },
            new ClusterStatus(
                [
                    new NodeInfo
                    {
                        Address = "a:1", Self = true, State = NodeState.Leaving, Reachable = false, Known = false, Total = 1, Connected = 2, CircuitsOpen = 3, Holds = 4,
                        Servers = [new ServerOnNode("a", ServerStatus.Error, CircuitState.Open, "b:2", "gone")],
                    },
                ],
                At),
            new NodeNews(node, 638_000_000_000_000_001, [news], ["b"]), new NodeBeat(node, 7), SnapshotWanted.Instance, new NodeSnapshot(node, 7, 1, 2, [news]),
            new UnusableCall("no"), new UnusableCommand("no"), .. SamplesBetweenNodes(json),
        ];
    }

    private static object[] SamplesBetweenNodes(JsonElement json)
    {
        var settings = new ServerSettings
        {
            Name = "s",
            Uri = new("http://localhost:1/mcp"),
            Command = "sh",
            Args = ["-c", "x"],
            WorkingDirectory = "/tmp",
            Environment = new Dictionary<string, Secret> { ["A"] = Secret.FromEnvironment("B"), ["C"] = Secret.FromFile("/d"), ["E"] = Secret.FromTemplate("${F}") },
            InheritEnvironment = true,
            Token = Secret.FromLiteral("t"),
            Group = "g",
            Priority = 3,
            Weight = 2,
            MaxInFlight = 4,
            MaxQueue = 5,
            TrustAnnotations = false,
            GuardTarget = true,
            Stateful = true,
            Placement = ServerPlacement.EveryNode,
            ProtocolVersion = "2025-11-25",
            Headers = new Dictionary<string, Secret> { ["X"] = Secret.FromLiteral("y") },
        };
        var result = new AttemptResult(AttemptOutcome.Refused)
        {
            Result = json,
            Error = "e",
            Cause = AttemptCause.SessionLost,
            Code = -32050,
            Data = json,
            RetryAfter = TimeSpan.FromSeconds(1),
            Failed = true,
        };
        var connection = new ConnectionReport
        {
            Status = ServerStatus.Error,
            Closed = true,
            Resuming = true,
            Reason = "r",
            LastError = "e",
            LastErrorAt = At,
            NextReconnect = At,
            ProtocolVersion = "2025-11-25",
            ServerName = "n",
            ServerVersion = "v",
            Restarts = 1,
            Session = 2,
            FailedConnects = 3,
        };
        var tools = new Dictionary<string, CatalogueTool> { ["t"] = new(json, true) };
        var texts = new Dictionary<string, JsonElement> { ["x"] = json };
        return
        [
            new PassedOn(new CallTool("t", json)), new JoinServer("s@1", settings, new OperatorIntent(true, true)), new LeaveServer(), new ServerMoves(), new ServerReleased(),
            new ResumeServer([7, 8], 2), new AttemptsGone([7]),
            new OperateServer(1, CircuitCommand.Isolate, null), new OperateServer(2, null, ConnectionCommand.Connect), new OperationHeard(2),
            CircuitCommand.Drain, ConnectionCommand.Probe,
            new ServerReport(connection, CircuitState.Open, "why", At, true), new ServerOffers(1, tools, texts, texts, texts),
            new SharedAttempt(1, new CallRequest("tools/call", "t", json, true), TimeSpan.FromSeconds(2), "7") { OnSession = 3, Forced = true, WatchProgress = true, WantsProgress = true },
            new CancelAttempt(1, CancelReason.Deadline), new AttemptEnded(1, result), new AttemptEnded(1, AttemptResult.Lost("gone")), new AttemptProgressed(1),
            new SharedProgress(1, new CallProgress("7", "a", 0.5, 1, "half")),
        ];
    }

    private sealed class Nobody : ReceiveActor;
}
