using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace McpActors.Benchmarks.Idle;

/// <summary>A server of 2025-11-25 over HTTP on a free loopback port, with one oddity. It counts the requests by method.</summary>
internal sealed class OddServer : IAsyncDisposable
{
    private const string SessionHeader = "Mcp-Session-Id";

    private readonly ConcurrentDictionary<string, int> _received = new();
    private readonly WebApplication _app;
    private readonly Oddity _oddity;

    private OddServer(WebApplication app, Oddity oddity) => (_app, _oddity) = (app, oddity);

    public string Name => _oddity.Name;

    public string Words => _oddity.Words;

    public Uri Address => new(_app.Urls.First());

    /// <summary>How often a method was received.</summary>
    public int Received(string method) => _received.GetValueOrDefault(method);

    public static async Task<OddServer> StartAsync(Oddity oddity)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.KeepAliveTimeout = oddity.KeepAlive);
        var app = builder.Build();
        var server = new OddServer(app, oddity);
        app.Run(server.AnswerAsync);
        await app.StartAsync();
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        // Requests without an answer would hold the stop up.
        using var now = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext http)
    {
        if (!HttpMethods.IsPost(http.Request.Method))
        {
            http.Response.StatusCode = HttpMethods.IsDelete(http.Request.Method)
                ? StatusCodes.Status200OK
                : StatusCodes.Status405MethodNotAllowed;
            return;
        }
        var request = (await JsonNode.ParseAsync(http.Request.Body))!.AsObject();
        var method = (string?)request["method"] ?? "";
        var count = _received.AddOrUpdate(method, 1, (_, before) => before + 1);
        if (request["id"] is null)
        {
            http.Response.StatusCode = StatusCodes.Status202Accepted;
            return;
        }
        if (_oddity.Session is { } session)
        {
            http.Response.Headers[SessionHeader] = session();
            if (method is not ("initialize" or "server/discover") && http.Request.Headers[SessionHeader] != session())
            {
                http.Response.StatusCode = StatusCodes.Status404NotFound;
                return;
            }
        }
        if (_oddity.Answer is { } odd && await odd(new OddRequest(method, count, http)) is { } answer)
            await WriteAsync(http, request["id"]!, answer);
        else if (!http.Response.HasStarted && http.Response.StatusCode == StatusCodes.Status200OK)
            await WriteAsync(http, request["id"]!, Ordinary(method));
    }

    private async Task WriteAsync(HttpContext http, JsonNode id, OddAnswer answer)
    {
        var response = new JsonObject { ["jsonrpc"] = "2.0", ["id"] = id.DeepClone() };
        if (answer.Result is { } result)
            response["result"] = result;
        else
            response["error"] = new JsonObject { ["code"] = answer.Code, ["message"] = "refused" };
        http.Response.ContentType = answer.Before is null ? "application/json" : "text/event-stream";
        await http.Response.WriteAsync(answer.Before is { } before
            ? $"data: {before.ToJsonString()}\n\ndata: {response.ToJsonString()}\n\n"
            : response.ToJsonString());
    }

    private static OddAnswer Ordinary(string method) => method switch
    {
        "initialize" => OddAnswer.Of(
            """
            {
              "protocolVersion": "2025-11-25", "capabilities": { "tools": { "listChanged": true } },
              "serverInfo": { "name": "odd", "version": "1" }
            }
            """),
        "ping" => OddAnswer.Of("{}"),
        "tools/list" => OddAnswer.Of("""{ "tools": [{ "name": "echo", "inputSchema": { "type": "object" } }] }"""),
        _ => OddAnswer.Refused,
    };
}
