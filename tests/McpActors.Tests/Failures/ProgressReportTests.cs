using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Event;
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

    [Fact]
    public async Task A_listener_whose_exception_cannot_be_printed_is_logged_by_the_type_of_it()
    {
        await using var server = await ScriptedHttpServer.StartAsync();
        server.Call = async (context, request) =>
        {
            context.Response.ContentType = "text/event-stream";
            var token = request["params"]!["_meta"]!["progressToken"]!.ToJsonString();
            await context.Response.WriteAsync(
                "data: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{\"progress\":1,\"progressToken\":"
                + token + "}}\n\n");
            await context.Response.WriteAsync($"data: {LegacyMcp.ToolResult(request, "hello").ToJsonString()}\n\n");
        };
        await using var pool = await BadAndGood.StartAsync(server.Settings, alone: true);
        using var warnings = Inbox.Create(pool.Host.System);
        pool.Host.System.EventStream.Subscribe(warnings.Receiver, typeof(Warning));

        await pool.Host.Pool.SendAsync(new CallTool(LegacyMcp.Tool, null, new CallOptions { Progress = new Faulty() }));
        var warning = (Warning)await warnings.ReceiveAsync(PoolHost.Patience);

        Assert.Contains(nameof(UnprintableException), warning.Cause.ToString(), StringComparison.Ordinal);
    }

    private sealed class Faulty : IProgress<CallProgress>
    {
        public void Report(CallProgress value) => throw new UnprintableException();
    }

    private sealed class Reports : IProgress<CallProgress>
    {
        public ConcurrentQueue<CallProgress> All { get; } = new();

        public void Report(CallProgress value) => All.Enqueue(value);
    }
}
