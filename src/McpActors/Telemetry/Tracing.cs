using System.Diagnostics;
using System.Reflection;

namespace McpActors.Telemetry;

/// <summary>
/// Starts and ends spans in actors. The current activity of .NET follows an asynchronous flow, and a mailbox interrupts that flow. So a
/// span is never the current one here, its parent comes with the message, and the handler of a later message may end it. Thread-safe.
/// </summary>
internal static class Tracing
{
    /// <summary>The version of the library, for the source and the meter.</summary>
    public static string? Version { get; } =
        typeof(Tracing).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;

    public static ActivitySource Source { get; } = new(TelemetryNames.ActivitySource, Version);

    /// <summary>Starts a span; null without a listener, or if it is not sampled.</summary>
    public static Activity? Start(string name, ActivityKind kind, ActivityContext parent)
    {
        var current = Activity.Current;
        // Otherwise a call without a parent would become a child of the thread's current activity.
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
    public static string TraceParent(in ActivityContext context)
    {
        var flags = context.TraceFlags.HasFlag(ActivityTraceFlags.Recorded) ? "01" : "00";
        return $"00-{context.TraceId.ToHexString()}-{context.SpanId.ToHexString()}-{flags}";
    }
}
