using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace McpActors.Tests.Failures;

/// <summary>HTTP servers whose answers are whole, in bodies that are not as the specification has them.</summary>
public sealed class OddBodyTests
{
    private const string Json = "application/json";
    private const string Events = "text/event-stream";
    private const string News = """{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"news"}}""";

    /// <summary>How an answer is sent, by name.</summary>
    private static readonly Dictionary<string, Func<HttpContext, string, Task>> Bodies = new()
    {
        ["a batch of one"] = (context, answer) => WriteAsync(context, Json, $"[{answer}]"),
        ["a batch"] = (context, answer) => WriteAsync(context, Json, $"[{News},{answer}]"),
        ["a batch in an event"] = (context, answer) => WriteAsync(context, Events, $"data: [{News},{answer}]\n\n"),
        ["a line for each message"] = (context, answer) => WriteAsync(context, "application/x-ndjson", $"{News}\n{answer}\n"),
        ["the answer twice"] = (context, answer) => WriteAsync(context, Json, answer + answer),
        ["no empty line after the last event"] = (context, answer) => WriteAsync(context, Events, $"data: {answer}\n"),
        ["no end of the last line"] = (context, answer) => WriteAsync(context, Events, $"data: {answer}"),
        ["no id"] = (context, answer) => WriteAsync(context, Json, WithId(answer, null)),
        ["an id that is null"] = (context, answer) => WriteAsync(context, Json, WithId(answer, "null")),
        ["an event without an id"] = (context, answer) => WriteAsync(context, Events, $"data: {WithId(answer, null)}\n\n"),
        ["x-gzip"] = (context, answer) => WriteAsync(context, Json, GZip(answer), "x-gzip"),
        ["gzip that is not declared"] = (context, answer) => WriteAsync(context, Json, GZip(answer)),
        ["a coding that is none"] = (context, answer) => WriteAsync(context, Json, Encoding.UTF8.GetBytes(answer), "utf-8"),
        ["no end"] = async (context, answer) =>
        {
            await WriteAsync(context, Json, answer);
            await context.Response.Body.FlushAsync();
            await Scripts.Never(context, null!);
        },
    };

    public static TheoryData<string> All => [.. Bodies.Keys];

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_whole_answer_is_understood(string body)
    {
        await using var server = await ServerAsync(Bodies[body]);
        await using var pool = await BadAndGood.StartAsync(server.Settings, alone: true);

        Assert.Equal("bad:Succeeded => bad", (await pool.CallAsync()).Story);
    }

    [Fact]
    public async Task An_error_without_an_id_is_the_answer_to_its_request()
    {
        await using var server = await ScriptedHttpServer.StartAsync();
        server.Call = (context, _) => WriteAsync(
            context, Json, """{"jsonrpc":"2.0","id":null,"error":{"code":-32602,"message":"Unknown tool"}}""");
        await using var pool = await BadAndGood.StartAsync(server.Settings, alone: true);

        var error = (await pool.CallAsync()).Error!;

        Assert.Equal((PoolErrorKind.Rejected, -32602), (error.Kind, error.Code));
        Assert.Contains("Unknown tool", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("never")]
    [InlineData("stream")]
    public async Task Nobody_waits_for_the_answer_to_a_notification(string how)
    {
        await using var server = await ScriptedHttpServer.StartAsync();
        server.Before = async (context, message) =>
        {
            if ((string?)message["method"] != "notifications/initialized")
                return false;
            if (how == "stream")
            {
                await WriteAsync(context, Events, ": wait\n\n");
                await context.Response.Body.FlushAsync();
            }
            await Scripts.Never(context, message);
            return true;
        };
        var patient = BadAndGood.Patient with { DiscoverTimeout = TimeSpan.FromMilliseconds(200) };
        await using var pool = await BadAndGood.StartAsync(server.Settings, patient, alone: true);

        Assert.Equal("bad:Succeeded => bad", (await pool.CallAsync()).Story);
        Assert.Equal(1, server.Initialized);
    }

    private static async Task<ScriptedHttpServer> ServerAsync(Func<HttpContext, string, Task> write)
    {
        var server = await ScriptedHttpServer.StartAsync();
        server.Before = async (context, message) =>
        {
            var answer = (string?)message["method"] == "tools/call" ? LegacyMcp.ToolResult(message, "odd") : LegacyMcp.Answer(message);
            if (answer is not null)
                await write(context, answer.ToJsonString());
            return answer is not null;
        };
        return server;
    }

    private static string WithId(string answer, string? id)
    {
        var json = JsonNode.Parse(answer)!.AsObject();
        json.Remove("id");
        if (id is not null)
            json["id"] = JsonNode.Parse(id);
        return json.ToJsonString();
    }

    private static byte[] GZip(string text)
    {
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionMode.Compress))
            gzip.Write(Encoding.UTF8.GetBytes(text));
        return bytes.ToArray();
    }

    private static Task WriteAsync(HttpContext context, string type, string body) =>
        WriteAsync(context, type, Encoding.UTF8.GetBytes(body));

    private static Task WriteAsync(HttpContext context, string type, byte[] body, string? coding = null)
    {
        context.Response.ContentType = type;
        if (coding is not null)
            context.Response.Headers.ContentEncoding = coding;
        return context.Response.Body.WriteAsync(body).AsTask();
    }
}
