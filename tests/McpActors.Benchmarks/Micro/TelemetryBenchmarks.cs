using System.Diagnostics;
using System.Diagnostics.Metrics;
using Akka.Actor;
using Akka.Event;
using BenchmarkDotNet.Attributes;
using McpActors.Balancing;
using McpActors.Calls;
using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Routing;
using McpActors.Telemetry;

namespace McpActors.Benchmarks.Micro;

/// <summary>The telemetry of one answered call with one attempt, without listeners and with listeners to everything.</summary>
[MemoryDiagnoser]
[ShortRunJob]
public class TelemetryBenchmarks
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly AttemptResult Succeeded = new(AttemptOutcome.Succeeded);

    private ActorSystem _system = null!;
    private CallTelemetry _telemetry = null!;
    private ServerGauge _gauge = null!;
    private CallPlan _plan = null!;
    private ServerEntry _server = null!;
    private MeterListener? _meters;
    private ActivityListener? _spans;

    /// <summary>Whether a listener takes every measurement, and one every span.</summary>
    [Params(false, true)]
    public bool Listening { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _system = ActorSystem.Create("benchmark");
        _telemetry = new CallTelemetry(_system, Logging.GetLogger(_system, nameof(TelemetryBenchmarks)));
        _gauge = PoolMetrics.Of(_system).Track("server");
        _server = new ServerEntry(new ServerSettings { Name = "server", Uri = new Uri("http://localhost:1/mcp") }, ActorRefs.Nobody, 0);
        _plan = new CallPlan
        {
            Request = new CallRequest("tools/call", "tool", null, true),
            Options = new CallOptions(),
            First = _server,
            Timeout = TimeSpan.FromSeconds(30),
            Failover = new FailoverSettings(),
        };
        if (!Listening)
            return;
        _meters = new MeterListener { InstrumentPublished = (instrument, listener) => listener.EnableMeasurementEvents(instrument) };
        _meters.SetMeasurementEventCallback<double>(static (_, _, _, _) => { });
        _meters.SetMeasurementEventCallback<long>(static (_, _, _, _) => { });
        _meters.Start();
        _spans = new ActivityListener
        {
            ShouldListenTo = source => source.Name == TelemetryNames.ActivitySource,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(_spans);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _meters?.Dispose();
        _spans?.Dispose();
        _system.Terminate();
    }

    [Benchmark(Description = "telemetry of one call")]
    public void Call()
    {
        var call = new PendingCall(_plan, ActorRefs.Nobody, Start) { Activity = CallTelemetry.CallStarted(_plan) };
        _telemetry.ActiveCalls = 1;
        var attempt = new PendingAttempt(1, call, _server, Start, Start, safe: false)
        {
            Activity = CallTelemetry.AttemptStarted(call, _server),
        };
        _ = CallTelemetry.TraceOf(attempt);
        _gauge.Load(1, 0);
        _gauge.Load(0, 0);
        _telemetry.AttemptEnded(attempt, Succeeded, Start);
        _telemetry.CallEnded(call, "server", null, Start);
        _telemetry.ActiveCalls = 0;
    }

    [Benchmark(Description = "the same call without it", Baseline = true)]
    public object Nothing()
    {
        var call = new PendingCall(_plan, ActorRefs.Nobody, Start);
        return new PendingAttempt(1, call, _server, Start, Start, safe: false);
    }
}
