using McpActors.Host.Tests.Processes;

namespace McpActors.Host.Tests.Telemetry;

/// <summary>The worker as a process, foreign servers, and a collector to which both send their spans.</summary>
public class TraceExportTests
{
    [Fact]
    public async Task One_trace_shows_a_failed_over_call_with_both_attempts_and_the_servers_own_spans()
    {
        await using var collector = await CollectorStub.StartAsync();
        using var exporting = TracedServer.ExportTo(collector.Address);
        await using var first = await TracedServer.StartAsync("work", TracedServer.Broken);
        await using var second = await TracedServer.StartAsync("work", () => "done");
        using var file = new TempFile($$"""
            mcp-actors.pool.servers {
              first { uri = "{{first.Address}}", priority = 1 }
              second { uri = "{{second.Address}}", priority = 2 }
            }
            """);
        await using var host = await HostProcess.ServeAsync(collector.Environment, "--config", file.Name);
        await host.ReadyAsync();

        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/execute")
        {
            Content = new StringContent("""{"method": "work", "options": {"mode": "Failover"}}"""),
            Headers = { { "traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" } },
        };
        using var response = await host.Client.SendAsync(request);
        Assert.Equal(200, (int)response.StatusCode);

        List<ReceivedSpan> trace = [];
        await Eventually.TrueAsync(() =>
        {
            trace = [.. collector.Spans.Where(span => span.TraceId == "0af7651916cd43dd8448eb211c80319c")];
            // The request, the pool's call with its two attempts, and each server's own span, in any order.
            return Task.FromResult(
                trace.Any(span => span.Name == "POST /api/execute")
                    && trace.Count(span => span.Scope == "McpActors") == 3 && trace.Count(IsOfServer) == 2);
        });
        var door = Assert.Single(trace, span => span.Name == "POST /api/execute");
        Assert.Equal("b7ad6b7169203331", door.ParentSpanId);
        var call = Assert.Single(trace, span => span.ParentSpanId == door.SpanId);
        Assert.Equal(("mcp-actors", "McpActors", "pool tools/call work"), (call.Service, call.Scope, call.Name));
        var attempts = trace.Where(span => span.ParentSpanId == call.SpanId).OrderBy(span => span.Attributes["mcp_actors.server"]).ToList();
        Assert.Equal(
            [("tools/call work", "first", "ServerError"), ("tools/call work", "second", "Succeeded")],
            attempts.Select(span => (span.Name, span.Attributes["mcp_actors.server"], span.Attributes["mcp_actors.outcome"])));
        Assert.Equal(attempts.Select(span => span.SpanId).Order(), trace.Where(IsOfServer).Select(span => span.ParentSpanId).Order());

        static bool IsOfServer(ReceivedSpan span) => span is { Service: "somebodys-server", Name: "tools/call work" };
    }
}
