using McpActors.Configuration;
using McpActors.Host.Presentation;
using McpActors.Telemetry;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace McpActors.Host.Telemetry;

/// <summary>
/// The worker's OpenTelemetry exports: metrics for Prometheus at <see cref="MetricsPath"/>, and metrics and traces by OTLP if the standard
/// environment variables name an endpoint (<c>OTEL_EXPORTER_OTLP_ENDPOINT</c> and the like, which the exporter reads itself).
/// </summary>
internal static class HostTelemetry
{
    public const string MetricsPath = "/metrics";

    /// <summary>OpenTelemetry's default limit of series per metric; all others are added up in one overflow series.</summary>
    private const int DefaultSeries = 2000;

    /// <summary>The series of a state gauge per server: four states, and half as many again for servers that are added later.</summary>
    private const int SeriesOfServer = 6;

    public static void AddHostTelemetry(this WebApplicationBuilder builder, PoolSettings settings)
    {
        var telemetry = builder.Services.AddOpenTelemetry()
            // The environment takes precedence: OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES.
            .ConfigureResource(resource => resource
                .AddService("mcp-actors", serviceVersion: ProgramVersion.Text)
                .AddEnvironmentVariableDetector())
            .WithMetrics(metrics => metrics
                .AddMeter(TelemetryNames.Meter, "System.Runtime", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel")
                .AddView("mcp_actors.server.*", new MetricStreamConfiguration
                {
                    CardinalityLimit = Math.Max(DefaultSeries, settings.Servers.Count * SeriesOfServer),
                })
                .AddPrometheusExporter());
        var exportsTraces = IsSet("OTEL_EXPORTER_OTLP_ENDPOINT") || IsSet("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");
        // Without a collector nothing listens to the spans, and they cost nothing.
        if (exportsTraces)
        {
            telemetry.WithTracing(traces => traces
                .AddSource(TelemetryNames.ActivitySource, "System.Net.Http")
                .AddAspNetCoreInstrumentation(requests => requests.Filter = context => !IsPolled(context.Request.Path)));
        }
        if (exportsTraces || IsSet("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"))
            telemetry.UseOtlpExporter();

        bool IsSet(string variable) => !string.IsNullOrWhiteSpace(builder.Configuration[variable]);
    }

    /// <summary>Adds <c>/metrics</c>, under the same access control as everything else.</summary>
    public static void MapMetrics(this WebApplication app) => app.MapPrometheusScrapingEndpoint(MetricsPath);

    // Machines request these every few seconds: their traces would bury the others.
    private static bool IsPolled(PathString path) => path.StartsWithSegments("/health") || path.StartsWithSegments(MetricsPath);
}
