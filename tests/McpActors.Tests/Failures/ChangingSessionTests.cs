using System.Collections.Concurrent;
using Xunit;

namespace McpActors.Tests.Failures;

/// <summary>A server that gives its session another id with each answer.</summary>
public sealed class ChangingSessionTests
{
    [Fact]
    public async Task The_newest_id_is_used()
    {
        var (last, sent) = (0, new ConcurrentQueue<string>());
        await using var server = await ScriptedHttpServer.StartAsync();
        server.Before = (context, message) =>
        {
            if ((string?)message["method"] == "server/discover")
                return Task.FromResult(false);
            var id = context.Request.Headers["Mcp-Session-Id"].ToString();
            var isKnown = (string?)message["method"] == "initialize" || id == $"session-{last}";
            if ((string?)message["method"] == "tools/call")
                sent.Enqueue(id);
            context.Response.StatusCode = isKnown ? 200 : 404;
            context.Response.Headers["Mcp-Session-Id"] = isKnown ? $"session-{++last}" : "session-of-nobody";
            return Task.FromResult(!isKnown);
        };
        await using var pool = await BadAndGood.StartAsync(server.Settings, alone: true);

        for (var i = 0; i < 3; i++)
            Assert.Equal("bad:Succeeded => bad", (await pool.CallAsync()).Story);

        Assert.Equal(3, sent.Distinct().Count());
        Assert.Equal(1, server.Initialized);
    }
}
