using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace McpActors.Tests.Failures;

/// <summary>Reports of progress that break the rules.</summary>
public sealed class ProgressReportTests
{
    [Fact]
    public async Task Numbers_as_words_are_understood_and_what_was_overtaken_is_dropped()
    {
        await using var server = await ScriptedHttpServer.StartAsync();
        server.Call = async (context, request) =>
        {
            context.Response.ContentType = "text/event-stream";
            var token = request["params"]!["_meta"]!["progressToken"]!.ToJsonString();
            foreach (var report in (string[])[
                "\"progress\":1,\"message\":5", "\"progress\":3,\"total\":4,\"message\":\"three\"", "\"progress\":2,\"message\":\"two\"",
                "\"progress\":3,\"message\":{}", "\"message\":7.50", "\"progress\":4"])
            {
                await context.Response.WriteAsync(
                    "data: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{\"progressToken\":" + token + ","
                    + report + "}}\n\n");
            }
            await context.Response.WriteAsync($"data: {LegacyMcp.ToolResult(request, "hello").ToJsonString()}\n\n");
        };
        await using var pool = await BadAndGood.StartAsync(server.Settings, alone: true);
        var reports = new Reports();

        await pool.Host.Pool.SendAsync(new CallTool(LegacyMcp.Tool, null, new CallOptions { Progress = reports }));
        await pool.Host.UntilAsync(_ => reports.All.Any(report => report.Progress == 4));

        Assert.Equal(
            [(1, null, "5"), (3, 4, "three"), (3, null, null), (4, null, null)],
            reports.All.Select(report => (report.Progress, report.Total, report.Message)));
    }

    private sealed class Reports : IProgress<CallProgress>
    {
        public ConcurrentQueue<CallProgress> All { get; } = new();

        public void Report(CallProgress value) => All.Enqueue(value);
    }
}
