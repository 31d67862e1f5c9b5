using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Akka.Actor;
using McpActors.Configuration;
using McpActors.Telemetry;
using McpActors.Transports;
using Microsoft.Extensions.ObjectPool;
using ModelContextProtocol.Protocol;

namespace McpActors.Connections;

/// <summary>
/// Runs attempts on a connection and reports each one to the circuit exactly once: the code that removes it from the table of running
/// attempts (its completion, a cancellation, the end of the connection) makes the report, and whatever follows changes nothing. An attempt
/// that the server refused because it lost the session stays in the table until the connection takes it back. Safe from any thread.
/// </summary>
/// <param name="server">The server.</param>
/// <param name="pool">Limits and time-outs.</param>
/// <param name="time">The clock for time limits.</param>
/// <param name="circuit">Receives the result of each attempt.</param>
/// <param name="onSessionLost">Called with an attempt that was refused for a lost session, and the connection it was sent on.</param>
/// <param name="onPause">Called when the server asked its clients to pause, with the length.</param>
/// <param name="ping">How the server answers ping.</param>
/// <param name="redactor">Removes the server's secrets from errors.</param>
internal sealed class AttemptRunner(
    ServerSettings server,
    PoolSettings pool,
    TimeProvider time,
    IActorRef circuit,
    Action<StartAttempt, Connection> onSessionLost,
    Action<TimeSpan> onPause,
    PingMemory ping,
    CurrentRedactor redactor)
{
    /// <summary>The error of an attempt whose time ended while it waited for a new session.</summary>
    public const string NoSessionInTime = "no new session in the time given to this attempt";

    /// <summary>After a session is lost, the requests in flight get this long to be refused as well.</summary>
    public static readonly TimeSpan RefusalGrace = TimeSpan.FromMilliseconds(250);

    private readonly ConcurrentDictionary<long, RunningAttempt> _running = new();
    // A token source that was never cancelled can be used again, and so can the memory of its registrations.
    private readonly ObjectPool<CancellationTokenSource> _cancellations =
        new DefaultObjectPool<CancellationTokenSource>(new UncancelledOnly());
    private long _answered;
    private Action? _onAnswer;

    /// <summary>How many attempts the server has answered.</summary>
    public long Answered => Interlocked.Read(ref _answered);

    /// <summary>How many attempts are not reported yet.</summary>
    public int Running => _running.Count;

    /// <summary>The last deadline of the attempts that are not reported yet; null when there are none.</summary>
    public DateTimeOffset? BusyUntil
    {
        get
        {
            DateTimeOffset? last = null;
            foreach (var (_, running) in _running)
                last = last > running.Attempt.Deadline ? last : running.Attempt.Deadline;
            return last;
        }
    }

    /// <summary>Calls back once, when the server answers the next attempt.</summary>
    public void OnNextAnswer(Action onAnswer) => Volatile.Write(ref _onAnswer, onAnswer);

    private void CountAnswer()
    {
        Interlocked.Increment(ref _answered);
        NoteLife();
    }

    /// <summary>The server answered an attempt, or something else that is no probe.</summary>
    public void NoteLife()
    {
        if (Volatile.Read(ref _onAnswer) is not null)
            Interlocked.Exchange(ref _onAnswer, null)?.Invoke();
    }

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
            ? AttemptResult.GivenUp(reason, NoSessionInTime) with { CancelledAfterSend = !running.IsRefused }
            : running.Answer ?? AttemptResult.Lost("no answer in the time given to this attempt", AttemptCause.TimedOut)));
        running.Stop();
        _ = running.Connection.CancelOnServerAsync(running.RequestId, pool.CloseTimeout);
    }

    /// <summary>Removes an attempt that was refused for a lost session; false when it was given up meanwhile.</summary>
    public bool TryTakeBack(long attemptId) => _running.TryRemove(attemptId, out _);

    /// <summary>Waits until all running attempts have completed, at most for <see cref="RefusalGrace"/>.</summary>
    public Task SettleAsync() => Task.WhenAll(_running.Values.Select(running => running.Completion))
        .WaitAsync(RefusalGrace, time)
        .ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    /// <summary>Reports all running attempts as lost, because their connection is gone.</summary>
    /// <param name="reason">What happened to the connection.</param>
    /// <param name="refusedToo">Also report those that were refused for a lost session, as not sent: nothing takes them back any
    /// more.</param>
    public void EndAll(string reason, bool refusedToo = false)
    {
        reason = redactor.Redact(reason);
        foreach (var (id, candidate) in _running)
        {
            if ((candidate.IsRefused && !refusedToo) || !_running.TryRemove(id, out var running))
                continue;
            circuit.Tell(new AttemptEnded(id, running.IsRefused
                ? AttemptResult.NotSent(AttemptCause.SessionLost, reason)
                : running.Answer ?? AttemptResult.Lost(reason, AttemptCause.ConnectionLost)));
            running.Stop();
        }
    }

    /// <summary>
    /// Forwards a progress notification of the server to the attempt's subscribers. Called by the one reader of a connection.
    /// </summary>
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
        if (running.Attempt.ProgressTo is not { } listener)
            return;
        var (progress, total, message) =
            (Number(parameters["progress"]) ?? 0, Number(parameters["total"]), redactor.Redact(Text(parameters["message"])));
        if (running.Order.Admit(progress, total, message))
            listener.Tell(new CallProgress(running.Attempt.CallId, server.Name, progress, total, message));
    }

    // Some servers report a number in place of words.
    private static string? Text(JsonNode? node) =>
        node is not JsonValue value ? null
        : value.TryGetValue<string>(out var text) ? text
        : value.GetValueKind() == JsonValueKind.Number ? value.ToJsonString()
        : null;

    private static double? Number(JsonNode? node) => node is JsonValue value && value.TryGetValue<double>(out var number) ? number : null;

    // The words of a failed tool are mostly those of an exception; any other result reaches its caller as it is.
    private AttemptResult Redacted(AttemptResult result)
    {
        if (result.Outcome == AttemptOutcome.Succeeded)
            return result;
        try
        {
            return result with
            {
                Error = redactor.Redact(result.Error),
                Data = result.Data is { } data ? redactor.Redact(data) : null,
                Result = result.Outcome == AttemptOutcome.ToolError ? redactor.Redact(result.Result) : result.Result,
            };
        }
        catch (Exception e)
        {
            return AttemptResult.AnswerDropped(
                AttemptCause.ResultUnreadable, $"the answer cannot be searched for secrets: {redactor.Redact(e.Message)}");
        }
    }

    private async Task RunAsync(RunningAttempt running)
    {
        // The parent of the SDK's own span and the HTTP client's; only in this asynchronous flow.
        if (running.Attempt.Trace?.Span is { } span)
            Activity.Current = span;
        var result = Redacted(await SendAsync(running).ConfigureAwait(false));
        running.Connection.Ids.GiveBack(running.RequestId);
        if (result.RetryAfter is { } pause)
            onPause(pause);
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

    // Every exception becomes an outcome: if one escaped, the call would never be answered.
    private async Task<AttemptResult> SendAsync(RunningAttempt running)
    {
        if (!running.TryMakeRequest(out var request, out var problem))
            return AttemptResult.Unwritable(problem);
        JsonRpcResponse response;
        try
        {
            response = await running.Connection.Client.SendRequestAsync(request, running.Cancellation).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            return await OnFailureAsync(running, request, e).ConfigureAwait(false);
        }
        CountAnswer();
        try
        {
            return ResultOf(response);
        }
        catch (Exception e)
        {
            return AttemptResult.AnswerDropped(
                AttemptCause.ResultUnreadable, $"the result cannot be read: {FailureClassifier.Words(e)}");
        }
    }

    private async Task<AttemptResult> OnFailureAsync(RunningAttempt running, JsonRpcRequest request, Exception failure)
    {
        var hasSession = running.Connection.HasSession;
        var verdict = SessionEvidence.Of(failure, hasSession);
        if (verdict == SessionVerdict.Lost)
            return FailureClassifier.SessionLost;
        if (FailureClassifier.IsAnswer(failure))
            CountAnswer();
        var result = FailureClassifier.Classify(failure, running.Facts);
        if (result is { Outcome: AttemptOutcome.Lost, Cause: AttemptCause.None } && UnwritableRequest.ProblemOf(request) is { } problem)
            return AttemptResult.Unwritable(problem);
        if (verdict == SessionVerdict.Kept)
            return result;
        running.Answer = result with { Error = result.Error is { } words ? redactor.Redact(words) : null };
        return await running.Connection.ConfirmsSessionLossAsync(failure, pool.Probe.Timeout, ping).ConfigureAwait(false)
            ? FailureClassifier.SessionLost
            : result;
    }

    private AttemptResult ResultOf(JsonRpcResponse response)
    {
        if (response.Result is JsonObject answer)
            InputRequired.Show(answer);
        var result = JsonSerializer.SerializeToElement(response.Result, McpJson.Options);
        if (JsonText.IsLarger(result, pool.MaxResultSize))
            return AttemptResult.AnswerDropped(AttemptCause.ResultTooLarge, ResultTooLargeException.WordsOf(pool.MaxResultSize));
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

        // The W3C recommendation asks for at least this much.
        private const int LongestTraceState = 512;

        public StartAttempt Attempt => attempt;

        /// <summary>The order of its progress, for the reader of its connection; few attempts report any.</summary>
        public ProgressOrder Order => field ??= new ProgressOrder();

        public Connection Connection => connection;

        public RequestId RequestId { get; } = connection.Ids.Take();

        /// <summary>Completes with the attempt; never fails.</summary>
        public Task Completion { get; set; } = Task.CompletedTask;

        /// <summary>The server refused it for a lost session, without running it; set by the one task that runs it.</summary>
        public volatile bool IsRefused;

        /// <summary>The server's answer, while a probe decides whether it was about the session; set by the same task.</summary>
        public volatile AttemptResult? Answer;

        public CancellationToken Cancellation => cancellation.Token;

        public AttemptFacts Facts => new(IsNotOffered: attempt.Request.Needed is { } offer && catalogue?.Has(offer) == false);

        /// <summary>Makes the request, unless its parameters cannot be written.</summary>
        public bool TryMakeRequest([NotNullWhen(true)] out JsonRpcRequest? request, [NotNullWhen(false)] out string? problem)
        {
            try
            {
                (request, problem) = (MakeRequest(), null);
                return true;
            }
            catch (Exception e)
            {
                (request, problem) = (null, UnwritableRequest.Words(e));
                return false;
            }
        }

        /// <summary>A new request for each attempt, because the SDK changes the parameters in place.</summary>
        private JsonRpcRequest MakeRequest()
        {
            var request = attempt.Request;
            var parameters = ToObject(request.Params);
            if (!connection.IsModern && HasMeta(request.Params) && parameters!["_meta"] is JsonObject given)
                given.Remove(MetaKeys.ClientCapabilities);
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
            return new JsonRpcRequest
            {
                Id = RequestId,
                Method = request.Method,
                Params = parameters,
            };
        }

        public void Stop()
        {
            try
            {
                cancellation.Cancel();
            }
            catch (AggregateException)
            {
                // A callback of a transport or of a server in this process: its fault ends no other attempt.
            }
        }

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
            if (context.TraceState is { Length: > 0 and <= LongestTraceState } state && Ascii.IsValid(state))
                meta["tracestate"] = state;
        }

        private static bool HasMeta(JsonElement? parameters) =>
            parameters is { ValueKind: JsonValueKind.Object } json && json.TryGetProperty("_meta"u8, out _);

        private static JsonObject? ToObject(JsonElement? element) =>
            element is { ValueKind: JsonValueKind.Object } json ? JsonObject.Create(json) : null;
    }
}
