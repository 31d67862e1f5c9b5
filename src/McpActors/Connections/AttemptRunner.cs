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
/// Runs attempts on a connection. Each one that was started is reported to the circuit exactly once: whoever takes it out of the table of
/// running ones (its end, a cancel, the end of the connection) makes the report, and later news of it changes nothing. One that the server
/// refused because it lost the session stays in the table until the connection takes it back. Safe from any thread.
/// </summary>
/// <param name="server">The server.</param>
/// <param name="pool">Limits and time-outs.</param>
/// <param name="circuit">Who is told of the end of each attempt.</param>
/// <param name="refused">Told of an attempt that was refused for a lost session, with the connection it was sent on.</param>
internal sealed class AttemptRunner(ServerSettings server, PoolSettings pool, IActorRef circuit, Action<StartAttempt, Connection> refused)
{
    private readonly ConcurrentDictionary<long, RunningAttempt> _running = new();
    // A token source that was never cancelled is as good as new, and the memory of its registrations with it.
    private readonly ObjectPool<CancellationTokenSource> _cancellations = new DefaultObjectPool<CancellationTokenSource>(new UncancelledOnly());
    private volatile Redactor _redactor = Redactor.None;
    private long _answered;

    /// <summary>How many attempts got an answer of the server: one since the last look is as good as a probe.</summary>
    public long Answered => Interlocked.Read(ref _answered);

    /// <summary>How many attempts are not yet reported.</summary>
    public int Running => _running.Count;

    /// <summary>From now on these secrets are taken out of errors.</summary>
    public void Redact(Redactor redactor) => _redactor = redactor;

    /// <summary>Sends the attempt. Serializing and writing happen on the caller's thread up to the first real wait.</summary>
    public void Start(Connection connection, StartAttempt attempt, ServerCatalogue? catalogue)
    {
        var running = new RunningAttempt(attempt, connection, catalogue, _cancellations.Get());
        _running[attempt.Id] = running;
        running.End = RunAsync(running);
    }

    /// <summary>Gives an attempt up and reports it at once; the request is cancelled at the server in the background.</summary>
    public void Cancel(long attemptId, CancelReason reason)
    {
        if (!_running.TryRemove(attemptId, out var running))
            return;
        circuit.Tell(new AttemptEnded(attemptId, reason == CancelReason.Caller
            ? new AttemptResult(AttemptOutcome.Cancelled) { Error = "cancelled by the caller" }
            : running.RefusedBySession
                ? AttemptResult.NotSent(AttemptCause.TimedOut, "no new session in the time given to this attempt")
                : AttemptResult.Lost("no answer in the time given to this attempt", AttemptCause.TimedOut)));
        running.Stop();
        _ = running.Connection.CancelOnServerAsync(running.RequestId, pool.CloseTimeout);
    }

    /// <summary>Takes back an attempt that was refused for a lost session; false when it was given up meanwhile.</summary>
    public bool TryTakeBack(long attemptId) => _running.TryRemove(attemptId, out _);

    /// <summary>Waits until everything that runs has ended by itself, for no longer than that.</summary>
    public Task SettleAsync(TimeSpan limit) => Task.WhenAll(_running.Values.Select(running => running.End))
        .WaitAsync(limit, TimeProvider.System)
        .ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    /// <summary>Ends everything that still runs because its connection is gone.</summary>
    /// <param name="why">What happened to the connection.</param>
    /// <param name="refusedToo">Also those that were refused and that nobody will take back any more.</param>
    public void EndAll(string why, bool refusedToo = false)
    {
        why = _redactor.Redact(why);
        foreach (var (id, candidate) in _running)
        {
            if ((candidate.RefusedBySession && !refusedToo) || !_running.TryRemove(id, out var running))
                continue;
            circuit.Tell(new AttemptEnded(id, running.RefusedBySession
                ? AttemptResult.NotSent(AttemptCause.SessionLost, why)
                : AttemptResult.Lost(why, AttemptCause.ConnectionLost)));
            running.Stop();
        }
    }

    /// <summary>Tells those who asked for it of a progress report.</summary>
    public void Progress(JsonRpcNotification notification)
    {
        // Gateways in between may hand us the reports of others' calls: only a token of ours, which names a running attempt, counts.
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
            running.Attempt.CallId, server.Name, Number(parameters["progress"]) ?? 0, Number(parameters["total"]), (string?)parameters["message"]));
    }

    private static double? Number(JsonNode? node) => node is JsonValue value && value.TryGetValue<double>(out var number) ? number : null;

    private async Task RunAsync(RunningAttempt running)
    {
        AttemptResult result;
        // For the SDK's own span and the HTTP client's; it holds in this flow alone.
        if (running.Attempt.Trace?.Span is { } span)
            Activity.Current = span;
        try
        {
            var response = await running.Connection.Client.SendRequestAsync(running.MakeRequest(), running.Cancellation).ConfigureAwait(false);
            result = OfResponse(response);
            Interlocked.Increment(ref _answered);
        }
        catch (Exception e)
        {
            // Every way to fail becomes an outcome; none may escape, or the call would never be answered.
            result = FailureClassifier.Classify(e, running.Facts);
            if (result.Code is not null)
                Interlocked.Increment(ref _answered);
            if (result.Error is { } words)
                result = result with { Error = _redactor.Redact(words) };
        }
        if (result.Cause == AttemptCause.SessionLost && !running.Attempt.Resumed)
        {
            running.RefusedBySession = true;
            refused(running.Attempt, running.Connection);
        }
        else if (_running.TryRemove(running.Attempt.Id, out _))
        {
            circuit.Tell(new AttemptEnded(running.Attempt.Id, result));
            // Whoever takes an attempt out of the table is the only one left who may cancel it.
            _cancellations.Return(running.CancellationSource);
        }
    }

    private AttemptResult OfResponse(JsonRpcResponse response)
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

        /// <summary>Ends when the attempt has; never fails.</summary>
        public Task End { get; set; } = Task.CompletedTask;

        /// <summary>The server lost the session before it ran this; set by the one task that runs it.</summary>
        public volatile bool RefusedBySession;

        public CancellationToken Cancellation => cancellation.Token;

        public AttemptFacts Facts => new(
            connection.HasSession,
            attempt.Request.Tool is { } tool && catalogue is not null && !catalogue.Tools.ContainsKey(tool));

        /// <summary>A request of its own for each attempt: the SDK changes the parameters in place.</summary>
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

        // Where the semantic conventions for MCP have it. Baggage stays here: it is the caller's, and the server is somebody else's.
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
