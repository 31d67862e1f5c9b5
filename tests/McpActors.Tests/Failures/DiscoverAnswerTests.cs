using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace McpActors.Tests.Failures;

/// <summary>Older servers, which answer <c>server/discover</c> with something that is not a JSON-RPC error.</summary>
public sealed class DiscoverAnswerTests : IAsyncLifetime
{
    private static readonly Dictionary<string, Script> Answers = new()
    {
        ["202"] = Scripts.Status(202),
        ["204"] = Scripts.Status(204),
        ["200 and nothing"] = Scripts.Body("application/json", ""),
        ["an event stream without an event"] = Scripts.Body("text/event-stream", ""),
        ["an event stream with a comment"] = Scripts.Body("text/event-stream", ": hello\n\n"),
        ["a page"] = Scripts.Body("text/html", "<html>Welcome!</html>"),
        ["the id null"] = Scripts.Body(
            "application/json", """{"jsonrpc":"2.0","id":null,"error":{"code":-32601,"message":"Method not found"}}"""),
        ["another id"] = Scripts.WrongId,
        ["no JSON-RPC"] = Scripts.Body("application/json", "{\"error\":\"unknown method\"}"),
        ["no JSON"] = Scripts.Body("application/json", "{unknown"),
        ["a closed socket"] = Scripts.Reset,
        ["302"] = Scripts.Status(302),
        ["400"] = Scripts.Body("text/plain", "Bad Request: no valid session ID provided", 400),
        ["404"] = Scripts.Status(404),
        ["405"] = Scripts.Status(405),
        ["406"] = Scripts.Status(406),
        ["409"] = Scripts.Status(409),
        ["422"] = Scripts.Body("text/plain", "Expected initialize request", 422),
        ["500"] = Scripts.Status(500),
        ["500 with a JSON-RPC error"] = Scripts.Error(-32603, 500),
        ["501"] = Scripts.Status(501),
        ["502"] = Scripts.Body("text/html", "<html>Bad gateway</html>", 502),
        ["503"] = Scripts.Status(503),
    };

    private readonly ConcurrentQueue<string> _methods = new();
    private ScriptedHttpServer _server = null!;

    public static TheoryData<string> Rows => [.. Answers.Keys];

    public async Task InitializeAsync() => _server = await ScriptedHttpServer.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Whatever_comes_to_discover_a_server_that_initializes_connects(string answer)
    {
        Answer(Answers[answer], "server/discover");
        await using var pool = await BadAndGood.StartAsync(_server.Settings, alone: true);

        Assert.Equal("bad:Succeeded => bad", (await pool.CallAsync()).Story);
        Assert.Equal(1, _server.Initialized);
    }

    [Fact]
    public async Task The_handshake_that_worked_is_remembered()
    {
        Answer(Scripts.Status(202), "server/discover");
        await using var pool = await BadAndGood.StartAsync(_server.Settings, alone: true);
        _methods.Clear();

        await pool.Host.Pool.CommandAsync(new ReconnectServer("bad"));
        await pool.Host.UntilAsync(_ => _methods.Contains("notifications/initialized"));

        Assert.DoesNotContain("server/discover", _methods);
    }

    [Theory]
    [InlineData(500, 2)]
    [InlineData(401, 1)]
    [InlineData(403, 1)]
    public async Task Of_a_server_that_refuses_both_the_failure_of_initialize_is_reported(int status, int requests)
    {
        _server.Before = async (context, message) =>
        {
            var method = (string?)message["method"] ?? "";
            _methods.Enqueue(method);
            await Scripts.Body("text/plain", $"no {method}", status)(context, message);
            return true;
        };
        await using var pool = await BadAndGood.StartAsync(
            _server.Settings,
            BadAndGood.Patient with { Reconnect = new() { MinBackoff = TimeSpan.FromMinutes(5), MaxBackoff = TimeSpan.FromMinutes(5) } },
            alone: true,
            waitForBad: false);

        var servers = (await pool.Host.UntilAsync("bad", ServerStatus.Error)).Servers;

        Assert.Equal(requests, _methods.Count);
        Assert.Contains($"HTTP {status}: no {_methods.Last()}", servers[0].LastError, StringComparison.Ordinal);
    }

    private void Answer(Script script, string to) => _server.Before = async (HttpContext context, JsonNode message) =>
    {
        var method = (string?)message["method"] ?? "";
        _methods.Enqueue(method);
        if (method == to)
            await script(context, message);
        return method == to;
    };
}
