using System.Collections.Frozen;
using System.Diagnostics;
using System.Globalization;
using Akka.Actor;
using Akka.Event;
using McpActors.Balancing;
using McpActors.Connections;
using McpActors.Routing;
using McpActors.Telemetry;
using ModelContextProtocol.Protocol;
using Attributes = McpActors.Telemetry.TelemetryNames.Attributes;
using Events = McpActors.Telemetry.TelemetryNames.Events;

namespace McpActors.Calls;

/// <summary>
/// Metrics, traces and logs of calls: a span for each call and a child span for each attempt. Costs a few reads of flags while nothing
/// listens. Owned by the router alone.
/// </summary>
internal sealed class CallTelemetry(ActorSystem system, ILoggingAdapter log)
{
    /// <summary>Replaces caller-chosen values in metrics, to bound the number of time series.</summary>
    private const string Other = "_OTHER";

    private static readonly FrozenSet<string> KnownMethods = new[]
    {
        RequestMethods.CompletionComplete, RequestMethods.Ping, RequestMethods.PromptsGet, RequestMethods.PromptsList,
        RequestMethods.ResourcesList, RequestMethods.ResourcesRead, RequestMethods.ResourcesSubscribe,
        RequestMethods.ResourcesTemplatesList, RequestMethods.ResourcesUnsubscribe, RequestMethods.ServerDiscover,
        RequestMethods.ToolsCall, RequestMethods.ToolsList,
    }.ToFrozenSet(StringComparer.Ordinal);

    private readonly PoolMetrics _metrics = PoolMetrics.Of(system);

    /// <summary>The number of calls that the router holds.</summary>
    public int ActiveCalls
    {
        set => _metrics.ActiveCalls = value;
    }

    /// <summary>A call was refused before anything was sent.</summary>
    public void CallRefused(PoolCall message, PoolError error)
    {
        var request = CallTranslation.Describe(message);
        if (_metrics.CallsEnabled)
            _metrics.CallEnded(Known(request.Method), null, null, error.Kind, TimeSpan.Zero);
        if (log.IsDebugEnabled)
            log.Debug("Call {CallId} was refused: {Error}", CallWords.Cut(message.Options?.CallId ?? ""), error.Message);
        if (!Tracing.Source.HasListeners() || SpanOf(request, message.Options ?? CallOptions.Default) is not { } span)
            return;
        Fail(span, error);
        Tracing.Stop(span);
    }

    /// <summary>Starts the span of a call; null when it is not traced.</summary>
    public static Activity? CallStarted(CallPlan plan) => Tracing.Source.HasListeners() ? SpanOf(plan.Request, plan.Options) : null;

    public void CallEnded(PendingCall call, string? server, PoolError? error, DateTimeOffset now)
    {
        var request = call.Request;
        if (_metrics.CallsEnabled)
        {
            _metrics.CallEnded(
                Known(request.Method),
                Known(request.Tool, call.LastServer),
                call.Plan.Group?.Name ?? call.Plan.First.Settings.Group,
                error?.Kind,
                now - call.StartedAt);
        }
        if (log.IsDebugEnabled)
            Log(call, server, error, now);
        if (call.Activity is not { } span)
            return;
        span.SetTag(Attributes.AttemptCount, call.AttemptCount);
        span.SetTag(Attributes.Group, call.Plan.Group?.Name);
        span.SetTag(Attributes.Server, server);
        if (error is not null)
            Fail(span, error);
        Tracing.Stop(span);
    }

    /// <summary>Starts the span of an attempt; null when it is not traced.</summary>
    public static Activity? AttemptStarted(PendingCall call, ServerEntry server)
    {
        if (!Tracing.Source.HasListeners() || Tracing.Start(SpanName(call.Request), ActivityKind.Client, call.TraceContext) is not { } span)
            return null;
        Describe(span, call.Request);
        span.SetTag(Attributes.Server, server.Name);
        span.SetTag(Attributes.Group, server.Labels.Group);
        span.SetTag(Attributes.AttemptNumber, call.AttemptCount + 1);
        if (call.IsRunning)
            span.SetTag(Attributes.Hedge, true);
        span.SetTag(Attributes.ProtocolVersion, server.Report.Connection.ProtocolVersion);
        span.SetTag(Attributes.Transport, server.Labels.Transport);
        span.SetTag(Attributes.Address, server.Labels.Address);
        span.SetTag(Attributes.Port, server.Labels.Port);
        return span;
    }

    /// <summary>The trace that the server's work belongs to; null: none.</summary>
    public static AttemptTrace? TraceOf(PendingAttempt attempt)
    {
        if (attempt.Activity is { } span)
            return new AttemptTrace(span, span.Context);
        // Without a listener in this process, the server still gets the caller's trace.
        return attempt.Call.TraceContext is var context && context != default ? new AttemptTrace(null, context) : null;
    }

    public void AttemptEnded(PendingAttempt attempt, AttemptResult result, DateTimeOffset now)
    {
        var (request, server) = (attempt.Call.Request, attempt.Server);
        var span = attempt.Activity;
        if (span is null && !_metrics.AttemptsEnabled)
            return;
        var errorType = ErrorTypeOf(result);
        if (_metrics.AttemptsEnabled)
        {
            _metrics.AttemptEnded(
                server.Labels,
                Known(request.Method)!,
                Known(request.Tool, server),
                server.Report.Connection.ProtocolVersion,
                result.Outcome,
                errorType,
                now - attempt.StartedAt);
        }
        if (span is null)
            return;
        span.SetTag(Attributes.Outcome, result.Outcome.ToString());
        if (errorType is not null)
        {
            span.SetTag(Attributes.ErrorType, errorType);
            span.SetTag(Attributes.StatusCode, result.Code?.ToString(CultureInfo.InvariantCulture));
            span.SetStatus(ActivityStatusCode.Error, result.Error);
        }
        Tracing.Stop(span);
    }

    public void FailedOver(PendingCall call, ServerEntry from, ServerEntry to, AttemptOutcome outcome)
    {
        _metrics.FailedOver(from.Name, outcome);
        if (log.IsDebugEnabled)
        {
            log.Debug(
                "Call {CallId} moves from server {Server} to {NextServer}: {Outcome}", call.Options.CallId, from.Name, to.Name, outcome);
        }
        call.Activity?.AddEvent(new ActivityEvent(Events.Failover, tags: new ActivityTagsCollection
        {
            [Attributes.Server] = from.Name,
            [Attributes.Outcome] = outcome.ToString(),
        }));
    }

    public void Hedged(PendingCall call) => _metrics.Hedged(call.Plan.Group!.Name);

    public void RetryDenied() => _metrics.RetryDenied();

    public void CancelUnconfirmed(PendingAttempt attempt) =>
        log.Warning("Server {Server} did not confirm the cancel of an attempt in time; the attempt counts as lost", attempt.Server.Name);

    private void Log(PendingCall call, string? server, PoolError? error, DateTimeOffset now)
    {
        var (name, id, took) = (call.Request.ShortName, call.Options.CallId, (now - call.StartedAt).TotalMilliseconds);
        if (error is null)
        {
            log.Debug(
                "Server {Server} answered call {CallId} of {Method} after {Attempts} attempts in {ElapsedMs:0.###} ms",
                server, id, name, call.AttemptCount, took);
        }
        else
        {
            log.Debug(
                "Call {CallId} of {Method} failed after {Attempts} attempts in {ElapsedMs:0.###} ms, {Kind}: {Error}",
                id, name, call.AttemptCount, took, error.Kind, error.Message);
        }
    }

    private static Activity? SpanOf(CallRequest request, CallOptions options)
    {
        if (Tracing.Start($"pool {SpanName(request)}", ActivityKind.Internal, options.TraceContext) is not { } span)
            return null;
        Describe(span, request);
        span.SetTag(Attributes.CallId, options.CallId is { } id ? CallWords.Cut(id) : null);
        return span;
    }

    // The OpenTelemetry conventions: method and target, but no resource URIs, which are too many for span names.
    private static string SpanName(CallRequest request) =>
        request.Method == RequestMethods.ResourcesRead ? request.Method : request.FullName;

    private static void Describe(Activity span, CallRequest request)
    {
        span.SetTag(Attributes.Method, request.Method);
        switch (request.Method)
        {
            case RequestMethods.ToolsCall:
                span.SetTag(Attributes.Tool, request.Name);
                span.SetTag(Attributes.Operation, "execute_tool");
                break;
            case RequestMethods.PromptsGet:
                span.SetTag(Attributes.Prompt, request.Name);
                break;
            case RequestMethods.ResourcesRead:
                span.SetTag(Attributes.Resource, request.Name);
                break;
        }
    }

    private static void Fail(Activity span, PoolError error)
    {
        span.SetTag(Attributes.ErrorType, error.Kind.ToString());
        span.SetStatus(ActivityStatusCode.Error, error.Message);
    }

    // As in the SDK: the JSON-RPC code if the server gave one, tool_error for a result with isError.
    private static string? ErrorTypeOf(AttemptResult result) => result switch
    {
        { Outcome: AttemptOutcome.Succeeded } => null,
        { Outcome: AttemptOutcome.ToolError } => "tool_error",
        { Code: { } code } => code.ToString(CultureInfo.InvariantCulture),
        _ => result.Outcome.ToString(),
    };

    private static string? Known(string? method) => method is null || KnownMethods.Contains(method) ? method : Other;

    private static string? Known(string? tool, ServerEntry server) =>
        tool is null ? null : server.Has(new Offer(RequestMethods.ToolsCall, tool)) == true ? tool : Other;
}
