using McpActors.Configuration;
using McpActors.Host.Presentation;
using McpActors.Telemetry;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace McpActors.Host.Telemetry;

/// <summary>
/// What the worker tells the outside of itself by OpenTelemetry: metrics for Prometheus at <see cref="MetricsPath"/>; metrics and traces by OTLP once an
/// endpoint is given in the standard environment variables (<c>OTEL_EXPORTER_OTLP_ENDPOINT</c> and its likes, which the exporter reads itself).
/// </summary>
internal static class HostTelemetry
{
    public const string MetricsPath = "/metrics";

    /// <summary>OpenTelemetry's own limit of series of one metric; more go into one that says overflow.</summary>
    private const int DefaultSeries = 2000;

    /// <summary>A gauge of states has this many series for each server, and half as many again for those that come while it runs.</summary>
    private const int SeriesOfServer = 6;

    public static void AddHostTelemetry(this WebApplicationBuilder builder, PoolSettings settings)
    {
        var telemetry = builder.Services.AddOpenTelemetry()
            // The environment has the last word: OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES.
            .ConfigureResource(resource => resource.AddService("mcp-actors", serviceVersion: ProgramVersion.Text).AddEnvironmentVariableDetector())
            .WithMetrics(metrics => metrics
                .AddMeter(TelemetryNames.Meter, "System.Runtime", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel")
                .AddView("mcp_actors.server.*", new MetricStreamConfiguration
                {
                    CardinalityLimit = Math.Max(DefaultSeries, settings.Servers.Count * SeriesOfServer),
                })
                .AddPrometheusExporter());
        var takesTraces = IsSet("OTEL_EXPORTER_OTLP_ENDPOINT") || IsSet("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");
        // Without a collector for them nobody listens to the spans, and they cost nothing.
        if (takesTraces)
        {
            telemetry.WithTracing(traces => traces
                .AddSource(TelemetryNames.ActivitySource, "System.Net.Http")
                .AddAspNetCoreInstrumentation(requests => requests.Filter = context => !IsOfMachines(context.Request.Path)));
        }
        if (takesTraces || IsSet("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"))
            telemetry.UseOtlpExporter();

        bool IsSet(string variable) => !string.IsNullOrWhiteSpace(builder.Configuration[variable]);
    }

    /// <summary><c>/metrics</c>, behind the same door as everything else.</summary>
    public static void MapMetrics(this WebApplication app) => app.MapPrometheusScrapingEndpoint(MetricsPath);

    // Asked every few seconds for ever: traces of them would hide the others.
    private static bool IsOfMachines(PathString path) => path.StartsWithSegments("/health") || path.StartsWithSegments(MetricsPath);
}
