using System.Text.Json;
using Akka.Actor;
using McpActors.Clustering.Nodes;
using McpActors.Clustering.OneNode;
using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Pool;
using McpActors.Resilience;

namespace McpActors.Tests.Clustering.Wire;

/// <summary>One or more of each message that crosses, with all properties set.</summary>
internal static class WireSamples
{
    public static readonly DateTimeOffset At = new(2026, 11, 23, 1, 2, 3, TimeSpan.Zero);

    private static readonly JsonElement Json = JsonSerializer.SerializeToElement(new { a = 1, b = new[] { "x" } });

    /// <summary>Every setting has a value that differs from its default.</summary>
    public static ServerSettings Server { get; } = new()
    {
        Name = "s",
        DisplayName = "S",
        Uri = new("http://localhost:1/mcp"),
        Command = "sh",
        StartTimeout = TimeSpan.FromMinutes(2),
        Args = ["-c", "x"],
        WorkingDirectory = "/tmp",
        Environment = new Dictionary<string, Secret>
        {
            ["A"] = Secret.FromEnvironment("B"),
            ["C"] = Secret.FromFile("/d"),
            ["E"] = Secret.FromTemplate("${F}"),
        },
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
        Transport = HttpTransport.Sse,
        Proxy = Secret.FromEnvironment("P"),
    };

    /// <param name="reference">An actor that messages refer to.</param>
    public static object[] All(IActorRef reference)
    {
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
            Data = Json,
            RetryAfter = TimeSpan.FromSeconds(1),
            Servers = [new ServerReason("a", "down")],
        };
        var settings = new ServerSettings
        {
            Name = "s",
            DisplayName = "S 1",
            Uri = new("http://localhost:1/mcp"),
            Token = Secret.FromLiteral("t"),
            Headers = new Dictionary<string, Secret> { ["X"] = Secret.FromLiteral("y") },
            Group = "g",
            Priority = 3,
            Weight = 2,
            MaxInFlight = 4,
            MaxQueue = 5,
            ProtocolVersion = "2025-11-25",
            Transport = HttpTransport.StreamableHttp,
        };
        var node = new NodeId("akka.tcp://mcp-actors@a:1", -5);
        var news = new ServerNews("a", ServerStatus.Error, CircuitState.Open, "gone", true, "b:2");
        return
        [
            new Execute("getData", Json, options), new CallTool("work", Json, options), new ReadResource("file:///x", options),
            new GetPrompt("p", Json, options),
            new CancelCall("7"), new CallProgress("7", "a", 0.5, 1, "half"),
            new CallCompleted(Json, "a", attempts, TimeSpan.FromSeconds(1)),
            new CallFailed(error, attempts, TimeSpan.FromSeconds(1)), ListTools.Instance, ListResources.Instance, ListPrompts.Instance,
            new ToolList([new CatalogueEntry("t", Json, ["a"])]), new ResourceList([], [new CatalogueEntry("r", Json, ["a"])]),
            new PromptList([]),
            ListGroups.Instance,
            new GroupList(
                [
                    new GroupCatalogue(
                        "g",
                        [new CatalogueEntry("t", Json, ["a", "b"]) { Differing = ["b"] }],
                        [],
                        [new CatalogueEntry("r", Json, ["a"])],
                        []),
                ],
                ["c"]),
            GetPoolStatus.Instance,
            new PoolStatus(
                [
                    new ServerInfo
                    {
                        Name = "a", DisplayName = "A 1",
                        Endpoint = "http://a", Group = "g", Priority = 1, Weight = 2, Status = ServerStatus.Error,
                        Circuit = CircuitState.HalfOpen, Draining = true, Node = "h:1",
                        InFlight = 3, Calls = 4, Failures = 5, Latency = TimeSpan.FromMilliseconds(6),
                        LatencyP50 = TimeSpan.FromMilliseconds(7),
                        LatencyP99 = TimeSpan.FromMilliseconds(8), ProtocolVersion = "2025-11-25", ServerName = "n", ServerVersion = "v",
                        LastError = "e", LastErrorAt = At,
                        NextReconnect = At, Restarts = 9, Tools = 10,
                    },
                ],
                At)
            {
                Routing = new PoolRouting(
                    [new RouteSettings { Match = "read_*", Group = "g", Timeout = TimeSpan.FromSeconds(7) }],
                    new Dictionary<string, GroupSettings> { ["g"] = new() { LoadBalancing = "random" } }, "round-robin", "default"),
            },
            new Explain(new CallTool("work", Json, options)),
            new Explanation
            {
                Method = "tools/call", Name = "work", Route = "r", Server = "a", Group = "g", Strategy = "random", Safe = true,
                Timeout = TimeSpan.FromSeconds(2),
                Candidates = [new CandidateExplanation("a", true, "available")], Problem = error,
            },
            new ConnectServer("a"), new DisconnectServer("a"), new ReconnectServer("a"), new DrainServer("a"), new IsolateServer("a"),
            new ResetCircuit("a"),
            new AddServer(settings), new UpdateServer(settings), new RemoveServer("a"), CommandAccepted.Instance, new CommandRefused("no"),
            new SubscribeToPool(reference),
            new UnsubscribeFromPool(reference), new ServerStatusChanged("a", ServerStatus.Connected, ServerStatus.Error, "gone", At),
            new CircuitStateChanged("a", CircuitState.Open, CircuitState.HalfOpen, "time", At),
            new CallFailedOver("work", "7", "a", "b", AttemptOutcome.NotSent, At),
            new CatalogueChanged("a", At), new ServerAdded("a", At), new ServerRemoved("a", At),
            new ConfigurationApplied(["a"], ["b"], ["c"], ["routes"], At),
            new GetClusterStatus { Servers = ["a"] },
            new ClusterStatus(
                [
                    new NodeInfo
                    {
                        Address = "a:1", Self = true, State = NodeState.Leaving, Reachable = false, Known = false, Total = 1, Connected = 2,
                        CircuitsOpen = 3, Holds = 4,
                        Servers = [new ServerOnNode("a", ServerStatus.Error, CircuitState.Open, "b:2", "gone")],
                    },
                ],
                At),
            new NodeUpdate(node, 638_000_000_000_000_001, [news], ["b"]), new NodeHeartbeat(node, 7), RequestSnapshot.Instance,
            new NodeSnapshot(node, 7, 1, 2, [news]),
            new UnusableCall("no"), new UnusableCommand("no"), .. BetweenNodes(),
        ];
    }

    public static object[] BetweenNodes()
    {
        var result = new AttemptResult(AttemptOutcome.Refused)
        {
            Result = Json,
            Error = "e",
            Cause = AttemptCause.SessionLost,
            Code = -32050,
            Data = Json,
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
        var tools = new Dictionary<string, CatalogueTool> { ["t"] = new(Json, true) };
        var texts = new Dictionary<string, JsonElement> { ["x"] = Json };
        return
        [
            new PassedOn(new CallTool("t", Json)), new JoinServer("s@1", new OperatorIntent(true, true)), new LeaveServer(),
            new ServerMoving(), new ServerReleased(),
            new ResumeServer([7, 8], 2), new AttemptsLost([7]),
            new OperateServer(1, CircuitCommand.Isolate, null), new OperateServer(2, null, ConnectionCommand.Connect),
            new OperationConfirmed(2),
            CircuitCommand.Drain, ConnectionCommand.Probe,
            new ServerReport(connection, CircuitState.Open, "why", At, true), new SharedCatalogue(1, tools, texts, texts, texts),
            new SharedAttempt(
                1, new CallRequest("tools/call", "t", Json, true), TimeSpan.FromSeconds(2),
                "7") { OnSession = 3, Forced = true, WatchProgress = true, WantsProgress = true },
            new CancelAttempt(1, CancelReason.Deadline), new AttemptEnded(1, result), new AttemptEnded(1, AttemptResult.Lost("gone")),
            new AttemptEnded(2, AttemptResult.Lost("HTTP 502") with { IsStatus = true }),
            new AttemptProgressed(1),
            new SharedProgress(1, new CallProgress("7", "a", 0.5, 1, "half")),
        ];
    }
}
