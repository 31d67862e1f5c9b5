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
/// What is measured, traced and, at debug level, logged of calls: a span for each call and, under it, one for each attempt. Costs a few looks at
/// flags while nobody listens. Owned by the router alone.
/// </summary>
internal sealed class CallTelemetry(ActorSystem system, ILoggingAdapter log)
{
    /// <summary>What stands in a metric for what callers could make up: series must stay countable.</summary>
    private const string Other = "_OTHER";

    private static readonly FrozenSet<string> KnownMethods = new[]
    {
        RequestMethods.CompletionComplete, RequestMethods.Ping, RequestMethods.PromptsGet, RequestMethods.PromptsList, RequestMethods.ResourcesList,
        RequestMethods.ResourcesRead, RequestMethods.ResourcesSubscribe, RequestMethods.ResourcesTemplatesList, RequestMethods.ResourcesUnsubscribe,
        RequestMethods.ServerDiscover, RequestMethods.ToolsCall, RequestMethods.ToolsList,
    }.ToFrozenSet(StringComparer.Ordinal);

    private readonly PoolMetrics _metrics = PoolMetrics.Of(system);

    /// <summary>How many calls the router holds now.</summary>
    public int ActiveCalls
    {
        set => _metrics.ActiveCalls = value;
    }

    public void Refused(PoolCall message, PoolError error)
    {
        if (_metrics.CallsEnabled)
            _metrics.CallEnded(Known(CallTranslation.Translate(message).Method), null, null, error.Kind, TimeSpan.Zero);
        if (log.IsDebugEnabled)
            log.Debug("Call {CallId} was refused: {Error}", message.Options?.CallId, error.Message);
        if (!Tracing.Source.HasListeners() || SpanOf(CallTranslation.Translate(message), message.Options ?? CallOptions.Default) is not { } span)
            return;
        Fail(span, error);
        Tracing.Stop(span);
    }

    /// <summary>The span of a call; null when it is not traced.</summary>
    public static Activity? CallStarted(CallPlan plan) => Tracing.Source.HasListeners() ? SpanOf(plan.Request, plan.Options) : null;

    public void CallEnded(PendingCall call, string? server, PoolError? error, DateTimeOffset now)
    {
        var request = call.Request;
        if (_metrics.CallsEnabled)
        {
            _metrics.CallEnded(
                Known(request.Method), Known(request.Tool, call.LastServer), call.Plan.Group?.Name ?? call.Plan.First.Settings.Group, error?.Kind, now - call.StartedAt);
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

    /// <summary>The span of an attempt; null when it is not traced.</summary>
    public static Activity? AttemptStarted(PendingCall call, ServerEntry server)
    {
        if (!Tracing.Source.HasListeners() || Tracing.Start(NameOf(call.Request), ActivityKind.Client, call.TraceContext) is not { } span)
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

    /// <summary>What an attempt is traced under; null: nothing.</summary>
    public static AttemptTrace? TraceOf(PendingAttempt attempt)
    {
        if (attempt.Activity is { } span)
            return new AttemptTrace(span, span.Context);
        // The caller traces, though nobody listens here: the server is told all the same.
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
                server.Labels, Known(request.Method)!, Known(request.Tool, server), server.Report.Connection.ProtocolVersion, result.Outcome, errorType, now - attempt.StartedAt);
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
            log.Debug("Call {CallId} goes on from server {Server} to {NextServer}: {Outcome}", call.Options.CallId, from.Name, to.Name, outcome);
        call.Activity?.AddEvent(new ActivityEvent(Events.Failover, tags: new ActivityTagsCollection
        {
            [Attributes.Server] = from.Name,
            [Attributes.Outcome] = outcome.ToString(),
        }));
    }

    public void Hedged(PendingCall call) => _metrics.Hedged(call.Plan.Group!.Name);

    public void RetryDenied() => _metrics.RetryDenied();

    private void Log(PendingCall call, string? server, PoolError? error, DateTimeOffset now)
    {
        var (name, id, took) = (call.Request.Name ?? call.Request.Method, call.Options.CallId, (now - call.StartedAt).TotalMilliseconds);
        if (error is null)
            log.Debug("Call {CallId} of {Method} was answered by server {Server} after {Attempts} attempts in {ElapsedMs:0.###} ms", id, name, server, call.AttemptCount, took);
        else
            log.Debug("Call {CallId} of {Method} failed after {Attempts} attempts in {ElapsedMs:0.###} ms, {Kind}: {Error}", id, name, call.AttemptCount, took, error.Kind, error.Message);
    }

    private static Activity? SpanOf(CallRequest request, CallOptions options)
    {
        if (Tracing.Start($"pool {NameOf(request)}", ActivityKind.Internal, options.TraceContext) is not { } span)
            return null;
        Describe(span, request);
        span.SetTag(Attributes.CallId, options.CallId);
        return span;
    }

    // The conventions: method and target; a resource's URI is no target, since there are too many of them.
    private static string NameOf(CallRequest request) =>
        request is { Name: { } target, Method: not RequestMethods.ResourcesRead } ? $"{request.Method} {target}" : request.Method;

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

    // As the SDK has it: the code where the server gave one, tool_error for an answer that says of itself that it is an error.
    private static string? ErrorTypeOf(AttemptResult result) => result switch
    {
        { Outcome: AttemptOutcome.Succeeded } => null,
        { Outcome: AttemptOutcome.ToolError } => "tool_error",
        { Code: { } code } => code.ToString(CultureInfo.InvariantCulture),
        _ => result.Outcome.ToString(),
    };

    private static string? Known(string? method) => method is null || KnownMethods.Contains(method) ? method : Other;

    private static string? Known(string? tool, ServerEntry server) => tool is null ? null : server.HasTool(tool) == true ? tool : Other;
}
