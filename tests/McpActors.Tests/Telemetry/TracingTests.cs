using System.Collections.Concurrent;
using System.Diagnostics;
using Akka.Actor;
using McpActors.Telemetry;
using McpActors.Transports;
using Xunit;
using Attributes = McpActors.Telemetry.TelemetryNames.Attributes;

namespace McpActors.Tests.Telemetry;

/// <summary>The spans of a call, from its caller to the server and back.</summary>
public sealed class TracingTests : IDisposable
{
    private const string OfSdk = "Experimental.ModelContextProtocol";

    private readonly MemoryServers _memory = new();
    private readonly ConcurrentQueue<Activity> _spans = new();
    private readonly ActivitySource _caller = new("caller of " + nameof(TracingTests));
    private readonly ActivityListener _listener;

    public TracingTests()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is TelemetryNames.ActivitySource or OfSdk || source == _caller,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _spans.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    [Fact]
    public async Task One_trace_leads_from_the_caller_over_both_attempts_to_the_servers()
    {
        _memory.Add("a").Tool("work", () => MemoryAnswer.Error(-32050, "broken"));
        _memory.Add("b").Tool("work", () => "done");
        await using var host = await PoolHost.StartConnectedAsync(PoolHost.Settings("a", "b"), _memory);

        ActivityTraceId trace;
        using (var root = _caller.StartActivity("request")!)
        {
            trace = root.TraceId;
            await host.Pool.CallToolAsync("work", options: new CallOptions { Mode = CallMode.Failover, CallId = "42" });
            Assert.Same(root, Activity.Current);
        }

        var spans = await UntilAsync(host, trace, stopped => stopped.Count(span => span.Kind == ActivityKind.Server) == 2);
        var call = Assert.Single(spans, span => span.OperationName == "pool tools/call work");
        Assert.Equal("request", call.Parent?.OperationName ?? spans.Single(span => span.SpanId == call.ParentSpanId).OperationName);
        Assert.Equal(("42", "default", "b"), (Tag(call, Attributes.CallId), Tag(call, Attributes.Group), Tag(call, Attributes.Server)));
        Assert.Equal(2, call.GetTagItem(Attributes.AttemptCount));
        Assert.Equal(ActivityStatusCode.Unset, call.Status);
        var failover = Assert.Single(call.Events);
        Assert.Equal(
            (TelemetryNames.Events.Failover, "a"),
            (failover.Name, failover.Tags.Single(tag => tag.Key == Attributes.Server).Value));

        var attempts = spans.Where(span => span.Source.Name == TelemetryNames.ActivitySource && span.ParentSpanId == call.SpanId)
            .OrderBy(span => (int)span.GetTagItem(Attributes.AttemptNumber)!).ToList();
        Assert.Equal(["tools/call work", "tools/call work"], attempts.Select(span => span.OperationName));
        Assert.Equal([("a", "ServerError", "-32050"), ("b", "Succeeded", null)],
            attempts.Select(span => (Tag(span, Attributes.Server), Tag(span, Attributes.Outcome), Tag(span, Attributes.ErrorType))));
        Assert.Equal([ActivityStatusCode.Error, ActivityStatusCode.Unset], attempts.Select(span => span.Status));
        Assert.All(attempts, span => Assert.Equal("execute_tool", Tag(span, Attributes.Operation)));

        // The SDK adds a span of its own between them when it has a listener.
        var servers = spans.Where(span => span.Kind == ActivityKind.Server).ToList();
        Assert.Equal(
            attempts.Select(span => span.SpanId).ToHashSet(),
            servers.Select(server => spans.Single(span => span.SpanId == server.ParentSpanId).ParentSpanId).ToHashSet());
    }

    [Fact]
    public async Task A_call_without_a_parent_is_a_trace_of_its_own()
    {
        _memory.Add("a").Tool("work", () => "done");
        await using var host = await PoolHost.StartConnectedAsync(PoolHost.Settings("a"), _memory);

        await host.Pool.CallToolAsync("work", options: new CallOptions { CallId = "first-of-its-own" });
        await host.Pool.CallToolAsync("work", options: new CallOptions { CallId = "second-of-its-own" });

        await host.UntilAsync(_ => _spans.Count(IsCall) >= 2);
        var calls = _spans.Where(IsCall).ToList();
        Assert.Equal(2, calls.Count);
        Assert.All(calls, call => Assert.Equal(default, call.ParentSpanId));
        Assert.NotEqual(calls[0].TraceId, calls[1].TraceId);

        static bool IsCall(Activity span) => Tag(span, Attributes.CallId)?.EndsWith("of-its-own", StringComparison.Ordinal) == true;
    }

    [Fact]
    public async Task A_call_sent_as_a_message_brings_its_own_parent()
    {
        _memory.Add("a").Tool("work", () => "done");
        await using var host = await PoolHost.StartConnectedAsync(PoolHost.Settings("a"), _memory);
        var parent = new ActivityContext(
            ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded, "vendor=1");

        await host.Actor.Ask<CallCompleted>(new CallTool("work", Options: new CallOptions { TraceContext = parent }), PoolHost.Patience);

        var spans = await UntilAsync(
            host, parent.TraceId, stopped => stopped.Any(span => span.OperationName.StartsWith("pool", StringComparison.Ordinal)));
        Assert.Equal(parent.SpanId, spans.Single(span => span.OperationName == "pool tools/call work").ParentSpanId);
    }

    [Fact]
    public async Task A_failed_call_is_an_error_on_its_span()
    {
        await using var host = await PoolHost.StartAsync(PoolHost.Settings("nobody"), _memory);
        var parent = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded);

        await host.Actor.Ask<CallFailed>(new CallTool("work", Options: new CallOptions { TraceContext = parent }), PoolHost.Patience);

        var call = Assert.Single(await UntilAsync(host, parent.TraceId, stopped => stopped.Count > 0));
        Assert.Equal((ActivityStatusCode.Error, nameof(PoolErrorKind.NoServerAvailable)), (call.Status, Tag(call, Attributes.ErrorType)));
        Assert.Contains("nobody", call.StatusDescription);
    }

    [Fact]
    public async Task Without_a_listener_the_server_still_receives_the_callers_trace()
    {
        _listener.Dispose();
        var server = _memory.Add("a").Tool("work", () => "done");
        await using var host = await PoolHost.StartConnectedAsync(PoolHost.Settings("a"), _memory);
        var parent = new ActivityContext(
            ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded, "vendor=1");

        // Its parameters are recorded whole, unlike those of a tool call.
        var call = new Execute("tools/list", Options: new CallOptions { TraceContext = parent });
        await host.Actor.Ask<CallCompleted>(call, PoolHost.Patience);

        var meta = server.Calls.Last(call => call.Method == "tools/list")["_meta"];
        Assert.Contains(parent.TraceId.ToHexString(), meta.GetProperty("traceparent").GetString(), StringComparison.Ordinal);
        Assert.Equal("vendor=1", meta.GetProperty("tracestate").GetString());
    }

    [Fact]
    public void A_span_neither_inherits_nor_replaces_the_current_activity_of_its_thread()
    {
        using var before = _caller.StartActivity("another message");

        var span = Tracing.Start("call", ActivityKind.Internal, default)!;

        Assert.Same(before, Activity.Current);
        Assert.Equal(default, span.ParentSpanId);
        Assert.NotEqual(before!.TraceId, span.TraceId);
        Tracing.Stop(span);
        Assert.Same(before, Activity.Current);
    }

    [Theory]
    [InlineData(ActivityTraceFlags.Recorded, "01")]
    [InlineData(ActivityTraceFlags.None, "00")]
    public void A_trace_parent_is_written_in_the_format_of_the_W3C(ActivityTraceFlags flags, string written)
    {
        var context = new ActivityContext(
            ActivityTraceId.CreateFromString("0af7651916cd43dd8448eb211c80319c"),
            ActivitySpanId.CreateFromString("b7ad6b7169203331"), flags);

        Assert.Equal($"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-{written}", Tracing.TraceParent(context));
    }

    public void Dispose()
    {
        _listener.Dispose();
        _caller.Dispose();
    }

    private static string? Tag(Activity span, string name) => span.GetTagItem(name)?.ToString();

    private async Task<IReadOnlyList<Activity>> UntilAsync(
        PoolHost host, ActivityTraceId trace, Func<IReadOnlyList<Activity>, bool> complete)
    {
        IReadOnlyList<Activity> Spans() => [.. _spans.Where(span => span.TraceId == trace)];
        await host.UntilAsync(_ => complete(Spans()));
        return Spans();
    }
}
