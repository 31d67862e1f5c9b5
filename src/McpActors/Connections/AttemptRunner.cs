using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Akka.Actor;
using McpActors.Configuration;
using McpActors.Telemetry;
using McpActors.Transports;
using Microsoft.Extensions.ObjectPool;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace McpActors.Connections;

/// <summary>
/// Runs attempts on a connection and reports each one to the circuit exactly once: the code that removes it from the table of running
/// attempts (its completion, a cancellation, the end of the connection) makes the report, and whatever follows changes nothing. An attempt
/// that the server refused because it lost the session stays in the table until the connection takes it back. Safe from any thread.
/// </summary>
/// <param name="server">The server.</param>
/// <param name="pool">Limits and time-outs.</param>
/// <param name="circuit">Receives the result of each attempt.</param>
/// <param name="onSessionLost">Called with an attempt that was refused for a lost session, and the connection it was sent on.</param>
internal sealed class AttemptRunner(
    ServerSettings server, PoolSettings pool, IActorRef circuit, Action<StartAttempt, Connection> onSessionLost)
{
    /// <summary>The error of an attempt whose time ended while it waited for a new session.</summary>
    public const string NoSessionInTime = "no new session in the time given to this attempt";

    private readonly ConcurrentDictionary<long, RunningAttempt> _running = new();
    // A token source that was never cancelled can be used again, and so can the memory of its registrations.
    private readonly ObjectPool<CancellationTokenSource> _cancellations =
        new DefaultObjectPool<CancellationTokenSource>(new UncancelledOnly());
    private volatile Redactor _redactor = Redactor.None;
    private long _answered;

    /// <summary>How many attempts the server has answered.</summary>
    public long Answered => Interlocked.Read(ref _answered);

    /// <summary>How many attempts are not reported yet.</summary>
    public int Running => _running.Count;

    /// <summary>Sets the secrets that are removed from errors.</summary>
    public void Redact(Redactor redactor) => _redactor = redactor;

    /// <summary>Sends the attempt. The request is serialized and written on the caller's thread, up to the first real wait.</summary>
    public void Start(Connection connection, StartAttempt attempt, ServerCatalogue? catalogue)
    {
        var running = new RunningAttempt(attempt, connection, catalogue, _cancellations.Get());
        _running[attempt.Id] = running;
        running.Completion = RunAsync(running);
    }

    /// <summary>Gives an attempt up and reports it at once; the server receives the cancellation in the background.</summary>
    public void Cancel(long attemptId, CancelReason reason)
    {
        if (!_running.TryRemove(attemptId, out var running))
            return;
        circuit.Tell(new AttemptEnded(attemptId, running.IsRefused || reason == CancelReason.Caller
            ? AttemptResult.GivenUp(reason, NoSessionInTime)
            : AttemptResult.Lost("no answer in the time given to this attempt", AttemptCause.TimedOut)));
        running.Stop();
        _ = running.Connection.CancelOnServerAsync(running.RequestId, pool.CloseTimeout);
    }

    /// <summary>Removes an attempt that was refused for a lost session; false when it was given up meanwhile.</summary>
    public bool TryTakeBack(long attemptId) => _running.TryRemove(attemptId, out _);

    /// <summary>Waits until all running attempts have completed, at most for the time limit.</summary>
    public Task SettleAsync(TimeSpan limit) => Task.WhenAll(_running.Values.Select(running => running.Completion))
        .WaitAsync(limit, TimeProvider.System)
        .ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    /// <summary>Reports all running attempts as lost, because their connection is gone.</summary>
    /// <param name="reason">What happened to the connection.</param>
    /// <param name="refusedToo">Also report those that were refused for a lost session, as not sent: nothing takes them back any
    /// more.</param>
    public void EndAll(string reason, bool refusedToo = false)
    {
        reason = _redactor.Redact(reason);
        foreach (var (id, candidate) in _running)
        {
            if ((candidate.IsRefused && !refusedToo) || !_running.TryRemove(id, out var running))
                continue;
            circuit.Tell(new AttemptEnded(id, running.IsRefused
                ? AttemptResult.NotSent(AttemptCause.SessionLost, reason)
                : AttemptResult.Lost(reason, AttemptCause.ConnectionLost)));
            running.Stop();
        }
    }

    /// <summary>Forwards a progress notification of the server to the attempt's subscribers.</summary>
    public void Progress(JsonRpcNotification notification)
    {
        // Gateways may forward notifications of other clients' calls: only our own token of a running attempt counts.
        if (notification.Params is not JsonObject parameters
            || parameters["progressToken"] is not JsonValue token
            || !token.TryGetValue<string>(out var text)
            || !text.StartsWith(RunningAttempt.TokenPrefix, StringComparison.Ordinal)
            || !long.TryParse(text.AsSpan(RunningAttempt.TokenPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            || !_running.TryGetValue(id, out var running))
        {
            return;
        }
        if (running.Attempt.WatchProgress)
            circuit.Tell(new AttemptProgressed(id));
        running.Attempt.ProgressTo?.Tell(new CallProgress(
            running.Attempt.CallId,
            server.Name,
            Number(parameters["progress"]) ?? 0,
            Number(parameters["total"]),
            (string?)parameters["message"]));
    }

    private static double? Number(JsonNode? node) => node is JsonValue value && value.TryGetValue<double>(out var number) ? number : null;

    private async Task RunAsync(RunningAttempt running)
    {
        AttemptResult result;
        // The parent of the SDK's own span and the HTTP client's; only in this asynchronous flow.
        if (running.Attempt.Trace?.Span is { } span)
            Activity.Current = span;
        try
        {
            var client = running.Connection.Client;
            var response = await client.SendRequestAsync(running.MakeRequest(), running.Cancellation).ConfigureAwait(false);
            result = ResultOf(response);
            Interlocked.Increment(ref _answered);
        }
        catch (Exception e)
        {
            // Every exception becomes an outcome: if one escaped, the call would never be answered.
            result = FailureClassifier.Classify(e, running.Facts);
            if (result.Code is not null)
                Interlocked.Increment(ref _answered);
            if (result.Error is { } words)
                result = result with { Error = _redactor.Redact(words) };
        }
        if (result.Cause == AttemptCause.SessionLost && !running.Attempt.Resumed)
        {
            running.IsRefused = true;
            onSessionLost(running.Attempt, running.Connection);
        }
        else if (_running.TryRemove(running.Attempt.Id, out _))
        {
            circuit.Tell(new AttemptEnded(running.Attempt.Id, result));
            // Removed from the table, so nothing else can cancel it any more.
            _cancellations.Return(running.CancellationSource);
        }
    }

    private AttemptResult ResultOf(JsonRpcResponse response)
    {
        var result = JsonSerializer.SerializeToElement(response.Result, McpJsonUtilities.DefaultOptions);
        if (JsonMarshal.GetRawUtf8Value(result).Length is var size && size > pool.MaxResultSize)
            return FailureClassifier.Classify(new ResultTooLargeException(pool.MaxResultSize), default);
        var isToolError = result.ValueKind == JsonValueKind.Object
            && result.TryGetProperty("isError"u8, out var flag)
            && flag.ValueKind == JsonValueKind.True;
        return new AttemptResult(isToolError ? AttemptOutcome.ToolError : AttemptOutcome.Succeeded) { Result = result, Failed = false };
    }

    private sealed class UncancelledOnly : PooledObjectPolicy<CancellationTokenSource>
    {
        public override CancellationTokenSource Create() => new();

        public override bool Return(CancellationTokenSource obj) => obj.TryReset();
    }

    private sealed class RunningAttempt(
        StartAttempt attempt, Connection connection, ServerCatalogue? catalogue, CancellationTokenSource cancellation)
    {
        public const string TokenPrefix = "mcp-actors-";

        public StartAttempt Attempt => attempt;

        public Connection Connection => connection;

        public RequestId RequestId { get; } = Connection.NextRequestId();

        /// <summary>Completes with the attempt; never fails.</summary>
        public Task Completion { get; set; } = Task.CompletedTask;

        /// <summary>The server refused it for a lost session, without running it; set by the one task that runs it.</summary>
        public volatile bool IsRefused;

        public CancellationToken Cancellation => cancellation.Token;

        public AttemptFacts Facts => new(
            connection.HasSession,
            attempt.Request.Tool is { } tool && catalogue is not null && !catalogue.Tools.ContainsKey(tool));

        /// <summary>A new request for each attempt, because the SDK changes the parameters in place.</summary>
        public JsonRpcRequest MakeRequest()
        {
            var request = attempt.Request;
            var parameters = ToObject(request.Params);
            if (request.Wrap)
            {
                parameters = request.Method == RequestMethods.ResourcesRead
                    ? new JsonObject { ["uri"] = request.Name }
                    : new JsonObject { ["name"] = request.Name, ["arguments"] = parameters ?? [] };
            }
            if (attempt.ProgressTo is not null || attempt.WatchProgress)
                MetaOf(ref parameters)["progressToken"] = TokenPrefix + attempt.Id.ToString(CultureInfo.InvariantCulture);
            if (attempt.Trace is { } trace)
                AddTrace(MetaOf(ref parameters), trace.Context);
            return new JsonRpcRequest { Id = RequestId, Method = request.Method, Params = parameters };
        }

        public void Stop() => cancellation.Cancel();

        public CancellationTokenSource CancellationSource => cancellation;

        private static JsonObject MetaOf(ref JsonObject? parameters)
        {
            parameters ??= [];
            if (parameters["_meta"] is not JsonObject meta)
                parameters["_meta"] = meta = [];
            return meta;
        }

        // As the semantic conventions for MCP require. Baggage is not sent: it is the caller's, and the server may belong to a third party.
        private static void AddTrace(JsonObject meta, in ActivityContext context)
        {
            meta["traceparent"] = Tracing.TraceParent(context);
            if (context.TraceState is { Length: > 0 } state)
                meta["tracestate"] = state;
        }

        private static JsonObject? ToObject(JsonElement? element) =>
            element is { ValueKind: JsonValueKind.Object } json ? JsonObject.Create(json) : null;
    }
}
