using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ModelContextProtocol;
using ModelContextProtocol.Server;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace McpActors.Host.Tests.Telemetry;

/// <summary>A foreign MCP server over Streamable HTTP that exports its own spans.</summary>
internal sealed class TracedServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TracedServer(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.Single() + "/mcp");

    /// <summary>The destination of the spans of every such server of this process: one for all, because they share a source.</summary>
    public static TracerProvider ExportTo(Uri collector) => Sdk.CreateTracerProviderBuilder()
        .AddSource("Experimental.ModelContextProtocol")
        .ConfigureResource(resource => resource.AddService("somebodys-server"))
        .AddOtlpExporter(otlp =>
        {
            otlp.Endpoint = new Uri(collector, "/v1/traces");
            otlp.Protocol = OtlpExportProtocol.HttpProtobuf;
            otlp.ExportProcessorType = ExportProcessorType.Simple;
        })
        .Build();

    public static async Task<TracedServer> StartAsync(string tool, Func<string> answer)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddMcpServer().WithHttpTransport()
            .WithTools([McpServerTool.Create(answer, new McpServerToolCreateOptions { Name = tool })]);
        var app = builder.Build();
        app.MapMcp("/mcp");
        await app.StartAsync();
        return new TracedServer(app);
    }

    public static string Broken() => throw new McpProtocolException("broken", McpErrorCode.InternalError);

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
