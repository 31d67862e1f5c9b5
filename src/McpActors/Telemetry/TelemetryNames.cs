namespace McpActors.Telemetry;

/// <summary>
/// The names of the library's telemetry. Pass <see cref="ActivitySource"/> to <c>AddSource</c> and <see cref="Meter"/> to <c>AddMeter</c>
/// of OpenTelemetry. Names that begin with <c>mcp.</c>, <c>gen_ai.</c>, <c>network.</c>, <c>server.</c>, <c>rpc.</c> and <c>error.</c> are
/// those of the semantic conventions (open-telemetry/semantic-conventions-genai, <c>mcp.md</c>); all others begin with <c>mcp_actors.</c>
/// </summary>
public static class TelemetryNames
{
    /// <summary>The name of the <see cref="System.Diagnostics.ActivitySource"/>.</summary>
    public const string ActivitySource = "McpActors";

    /// <summary>The name of the <see cref="System.Diagnostics.Metrics.Meter"/>; each actor system with a pool has one.</summary>
    public const string Meter = "McpActors";

    /// <summary>The instruments.</summary>
    public static class Instruments
    {
        /// <summary>Histogram, seconds: from the receipt of a call by the pool to its reply.</summary>
        public const string CallDuration = "mcp_actors.call.duration";

        /// <summary>Gauge: calls that are not answered yet, or whose attempts have not all ended.</summary>
        public const string CallsActive = "mcp_actors.call.active";

        /// <summary>Histogram, seconds: attempts that were sent to a server, from the router until their end.</summary>
        public const string OperationDuration = "mcp.client.operation.duration";

        /// <summary>Counter: attempts that have ended, sent or not, by server and outcome.</summary>
        public const string Attempts = "mcp_actors.attempts";

        /// <summary>Counter: calls that were moved to another server, by the server that failed and the outcome there.</summary>
        public const string Failovers = "mcp_actors.failovers";

        /// <summary>Counter: second attempts in parallel to a slow first one.</summary>
        public const string Hedges = "mcp_actors.hedges";

        /// <summary>Counter: retries that the retry budget did not allow.</summary>
        public const string RetriesDenied = "mcp_actors.retries.denied";

        /// <summary>Gauge: attempts that run on a server.</summary>
        public const string ServerInFlight = "mcp_actors.server.in_flight";

        /// <summary>Gauge: attempts that wait for a place on a server.</summary>
        public const string ServerQueued = "mcp_actors.server.queued";

        /// <summary>Gauge: 1 for the current state of a server's connection, 0 for the others.</summary>
        public const string ServerStatus = "mcp_actors.server.status";

        /// <summary>Gauge: 1 for the current state of a server's circuit, 0 for the others.</summary>
        public const string ServerCircuit = "mcp_actors.server.circuit";

        /// <summary>Counter: state changes of circuits, by the new state.</summary>
        public const string CircuitChanges = "mcp_actors.circuit.changes";

        /// <summary>Histogram, seconds: connection attempts, successful or failed.</summary>
        public const string ConnectDuration = "mcp_actors.connect.duration";

        /// <summary>Counter: connections that were reopened after a loss.</summary>
        public const string Reconnects = "mcp_actors.reconnects";

        /// <summary>Histogram, seconds: probes, answered or failed.</summary>
        public const string ProbeDuration = "mcp_actors.probe.duration";

        /// <summary>Histogram, seconds: connections, from the handshake to their end.</summary>
        public const string SessionDuration = "mcp.client.session.duration";

        /// <summary>
        /// Gauge: nodes of the cluster, by their state as seen by this node; without a cluster one node that is <c>Up</c>.
        /// </summary>
        public const string Nodes = "mcp_actors.nodes";

        /// <summary>Gauge: changes at run time that the nodes of the cluster share, as this node has them.</summary>
        public const string SharedEntries = "mcp_actors.cluster.shared_entries";
    }

    /// <summary>The attributes of measurements and spans.</summary>
    public static class Attributes
    {
        /// <summary>The MCP method; <c>_OTHER</c> in metrics for one that MCP does not define.</summary>
        public const string Method = "mcp.method.name";

        /// <summary>The tool; in metrics only if the server's catalogue has it, so that callers cannot create new series.</summary>
        public const string Tool = "gen_ai.tool.name";

        /// <summary>The prompt.</summary>
        public const string Prompt = "gen_ai.prompt.name";

        /// <summary><c>execute_tool</c> for a tool call.</summary>
        public const string Operation = "gen_ai.operation.name";

        /// <summary>The resource's URI.</summary>
        public const string Resource = "mcp.resource.uri";

        /// <summary>The negotiated MCP revision.</summary>
        public const string ProtocolVersion = "mcp.protocol.version";

        /// <summary><c>tcp</c>, or <c>pipe</c> for a child process.</summary>
        public const string Transport = "network.transport";

        /// <summary>The server's host.</summary>
        public const string Address = "server.address";

        /// <summary>The server's port.</summary>
        public const string Port = "server.port";

        /// <summary>The JSON-RPC code of an error.</summary>
        public const string StatusCode = "rpc.response.status_code";

        /// <summary>
        /// For a call the <see cref="PoolErrorKind"/>; for an attempt the JSON-RPC code, <c>tool_error</c> or the outcome.
        /// </summary>
        public const string ErrorType = "error.type";

        /// <summary>The server's name in the pool.</summary>
        public const string Server = "mcp_actors.server";

        /// <summary>The group that serves the call.</summary>
        public const string Group = "mcp_actors.group";

        /// <summary>An <see cref="AttemptOutcome"/>.</summary>
        public const string Outcome = "mcp_actors.outcome";

        /// <summary>The state of a circuit, a connection or a node: a <see cref="NodeState"/>, or <c>Unreachable</c>.</summary>
        public const string State = "mcp_actors.state";

        /// <summary>The caller's id of the call.</summary>
        public const string CallId = "mcp_actors.call.id";

        /// <summary>The number of attempts of a call.</summary>
        public const string AttemptCount = "mcp_actors.call.attempts";

        /// <summary>The number of an attempt within its call, from 1.</summary>
        public const string AttemptNumber = "mcp_actors.attempt.number";

        /// <summary>True for a second attempt in parallel to a slow first one.</summary>
        public const string Hedge = "mcp_actors.attempt.hedge";
    }

    /// <summary>Events of a call's span.</summary>
    public static class Events
    {
        /// <summary>The call is moved to another server.</summary>
        public const string Failover = "mcp_actors.failover";
    }
}
