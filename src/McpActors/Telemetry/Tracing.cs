using System.Diagnostics;
using System.Reflection;

namespace McpActors.Telemetry;

/// <summary>
/// Starts and ends spans in actors. The current activity of .NET follows an asynchronous flow, which a mailbox is not: here a span is never made
/// the current one, its parent comes with the message, and it is ended wherever the message that ends it is handled. Safe from any thread.
/// </summary>
internal static class Tracing
{
    /// <summary>The version of the library, for source and meter.</summary>
    public static string? Version { get; } = typeof(Tracing).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;

    public static ActivitySource Source { get; } = new(TelemetryNames.ActivitySource, Version);

    /// <summary>A started span; null when nobody listens or it is not sampled.</summary>
    public static Activity? Start(string name, ActivityKind kind, ActivityContext parent)
    {
        var current = Activity.Current;
        // Without this a call that has no parent would become the child of whatever the thread did before.
        Activity.Current = null;
        var activity = Source.StartActivity(name, kind, parent);
        Activity.Current = current;
        return activity;
    }

    /// <summary>Ends a span.</summary>
    public static void Stop(Activity activity)
    {
        var current = Activity.Current;
        activity.Stop();
        Activity.Current = current;
    }

    /// <summary>The W3C <c>traceparent</c> of a context.</summary>
    public static string TraceParent(in ActivityContext context) =>
        $"00-{context.TraceId.ToHexString()}-{context.SpanId.ToHexString()}-{(context.TraceFlags.HasFlag(ActivityTraceFlags.Recorded) ? "01" : "00")}";
}
