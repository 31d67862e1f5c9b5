using System.Collections.Concurrent;
using System.IO.Compression;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json.Nodes;
using McpActors.Tests.Failures;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace McpActors.Tests.Transports.Http;

/// <summary>Servers and gateways that break the rules, with a whole pool: they connect, and their calls have results.</summary>
public sealed class OddHttpServerTests : IAsyncLifetime
{
    private const string Good = "bad:Succeeded => bad";

    private ScriptedHttpServer _server = null!;

    public async Task InitializeAsync() => _server = await ScriptedHttpServer.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task Every_request_body_has_a_length()
    {
        var bodies = new ConcurrentBag<(bool HasLength, string Encoding)>();
        _server.Before = (context, _) =>
        {
            bodies.Add((context.Request.ContentLength > 0, context.Request.Headers.TransferEncoding.ToString()));
            return Task.FromResult(false);
        };
        await using var pool = await StartAsync();

        await pool.CallAsync();

        Assert.All(bodies, body => Assert.Equal((true, ""), body));
        Assert.NotEmpty(bodies);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(405)]
    [InlineData(422)]
    [InlineData(500)]
    [InlineData(501)]
    [InlineData(502)]
    [InlineData(503)]
    public async Task A_refused_notification_is_no_error(int status)
    {
        RefuseInitialized(status, """{"jsonrpc":"2.0","id":null,"error":{"code":-32601,"message":"Method not found"}}""");
        await using var pool = await StartAsync();

        Assert.Equal(Good, (await pool.CallAsync()).Story);
        Assert.Equal(1, _server.Initialized);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    public async Task Refused_credentials_of_a_notification_are_one(int status)
    {
        RefuseInitialized(status, "no such token");
        await using var pool = await BadAndGood.StartAsync(_server.Settings, alone: true, waitForBad: false);

        var servers = (await pool.Host.UntilAsync("bad", ServerStatus.Error)).Servers;

        Assert.Contains("no such token", servers[0].LastError, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(307, 2)]
    [InlineData(308, 0)]
    public async Task A_redirect_within_the_origin_is_followed_and_a_permanent_one_remembered(int status, int perCall)
    {
        var redirected = 0;
        _server.Before = (context, message) =>
        {
            if (context.Request.Path != "/mcp")
                return Task.FromResult(false);
            redirected += (string?)message["method"] == "tools/call" ? 1 : 0;
            context.Response.StatusCode = status;
            context.Response.Headers.Location = "/moved/mcp/";
            return Task.FromResult(true);
        };
        await using var pool = await StartAsync();

        Assert.Equal(Good, (await pool.CallAsync()).Story);
        Assert.Equal(Good, (await pool.CallAsync()).Story);
        Assert.Equal(perCall, redirected);
    }

    [Fact]
    public async Task A_permanent_redirect_is_forgotten_when_its_target_fails()
    {
        var isMoved = true;
        _server.Before = (context, _) =>
        {
            if ((context.Request.Path == "/mcp") != isMoved)
                return Task.FromResult(false);
            context.Response.StatusCode = isMoved ? 308 : 404;
            context.Response.Headers.Location = "/moved/mcp/";
            return Task.FromResult(true);
        };
        await using var pool = await StartAsync();
        Assert.Equal(Good, (await pool.CallAsync()).Story);

        isMoved = false;

        Assert.Equal("bad:Refused => AllServersFailed", (await pool.CallAsync()).Story);
        Assert.Equal(Good, (await pool.CallAsync()).Story);
    }

    [Theory]
    [InlineData(301, "/mcp/", "bad:Refused => AllServersFailed")]
    [InlineData(302, "/login?state=secret", "bad:Lost => OutcomeUnknown")]
    [InlineData(303, "/mcp/", "bad:Lost => OutcomeUnknown")]
    [InlineData(307, "https://127.0.0.1/mcp", "bad:Refused => AllServersFailed")]
    [InlineData(308, "http://elsewhere.test/mcp", "bad:Refused => AllServersFailed")]
    [InlineData(307, "/mcp", "bad:Refused => AllServersFailed")]
    public async Task Any_other_redirect_fails_the_call_and_is_named(int status, string target, string story)
    {
        await using var pool = await StartAsync();
        _server.Call = (context, _) =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = target;
            return Task.CompletedTask;
        };

        var answer = await pool.CallAsync();

        Assert.Equal(story, answer.Story);
        Assert.Contains($"HTTP {status}", answer.Error!.Message, StringComparison.Ordinal);
        Assert.Contains(target.Split('?')[0], answer.Error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", answer.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cookie_keeps_a_session_on_its_server_and_ends_with_the_connection()
    {
        var cookies = new ConcurrentQueue<(string Method, string Cookies)>();
        _server.Before = (context, message) =>
        {
            var method = (string?)message["method"] ?? "";
            cookies.Enqueue((method, context.Request.Headers.Cookie.ToString()));
            if (method == "initialize")
            {
                context.Response.Headers.Append("Set-Cookie", "node=7; Path=/; HttpOnly");
                context.Response.Headers.Append("Set-Cookie", "other=8; Domain=elsewhere.test");
            }
            return Task.FromResult(false);
        };
        await using var pool = await StartAsync();
        await pool.CallAsync();
        Assert.Contains(("tools/call", "node=7"), cookies);

        cookies.Clear();
        await pool.Host.Pool.CommandAsync(new ReconnectServer("bad"));
        await pool.Host.UntilAsync(status => cookies.Any(seen => seen.Method == "initialize"));

        Assert.All(cookies.TakeWhile(seen => seen.Method != "notifications/initialized"), seen => Assert.Equal("", seen.Cookies));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("text/plain")]
    [InlineData("text/json")]
    [InlineData("Application/JSON")]
    [InlineData("application/vnd.api+json; charset=UTF-8")]
    [InlineData("application/json; charset=no-such-set")]
    [InlineData("text/html")]
    [InlineData("text/event-stream")]
    [InlineData("no type at all")]
    public async Task Json_is_known_under_any_type(string? type)
    {
        _server.Before = Rewrite(body => Encoding.UTF8.GetBytes(body), type);
        await using var pool = await StartAsync();

        Assert.Equal("scripted", (await pool.CallAsync()).CallCompleted?.Text());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Text/Event-Stream; charset=utf-8")]
    [InlineData("application/json")]
    public async Task An_event_stream_is_known_under_any_type(string? type)
    {
        _server.Before = Rewrite(body => Encoding.UTF8.GetBytes($": hello\n\nevent: message\ndata: {body}\n\n"), type);
        await using var pool = await StartAsync();

        Assert.Equal("scripted", (await pool.CallAsync()).CallCompleted?.Text());
    }

    [Theory]
    [InlineData("utf-8", "application/json")]
    [InlineData("utf-16", "application/json; charset=utf-16")]
    [InlineData("utf-16BE", "application/json")]
    public async Task A_body_with_a_byte_order_mark_is_read(string encoding, string type)
    {
        var characters = Encoding.GetEncoding(encoding);
        _server.Before = Rewrite(body => [.. characters.GetPreamble(), .. characters.GetBytes(body)], type);
        await using var pool = await StartAsync();

        Assert.Equal("scripted", (await pool.CallAsync()).CallCompleted?.Text());
    }

    [Theory]
    [InlineData("windows-1252", false, 200)]
    [InlineData("shift_jis", false, 200)]
    [InlineData("gbk", true, 200)]
    [InlineData("windows-1252", false, 400)]
    public async Task Another_charset_is_read(string charset, bool isStream, int status)
    {
        var text = charset == "windows-1252" ? "10 €" : "東京";
        var characters = CodePagesEncodingProvider.Instance.GetEncoding(charset)!;
        await using var pool = await StartAsync();
        _server.Call = (context, request) =>
        {
            var answer = status == 200 ? LegacyMcp.ToolResult(request, text) : LegacyMcp.Error(request, -32602, text);
            var body = answer.ToJsonString(new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
            context.Response.StatusCode = status;
            context.Response.ContentType = $"{(isStream ? "text/event-stream" : "application/json")}; charset={charset}";
            return context.Response.Body.WriteAsync(characters.GetBytes(isStream ? $"data: {body}\n\n" : body)).AsTask();
        };

        var answer = await pool.CallAsync();

        Assert.Contains(text, answer.CallCompleted?.Text() ?? answer.Error!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("br")]
    public async Task A_compressed_answer_is_read(string coding)
    {
        _server.Before = Rewrite(body => Compressed(coding, Encoding.UTF8.GetBytes(body)), "application/json", coding);
        await using var pool = await StartAsync();

        Assert.Equal("scripted", (await pool.CallAsync()).CallCompleted?.Text());
    }

    [Fact]
    public async Task A_compressed_event_stream_is_read()
    {
        _server.Before = Rewrite(
            body => Compressed("gzip", Encoding.UTF8.GetBytes($"data: {body}\n\n")), "text/event-stream", "gzip");
        await using var pool = await StartAsync();

        Assert.Equal("scripted", (await pool.CallAsync()).CallCompleted?.Text());
    }

    [Fact]
    public async Task An_unknown_compression_is_named()
    {
        await using var pool = await StartAsync();
        _server.Call = (context, _) =>
        {
            context.Response.Headers.ContentEncoding = "zstd";
            context.Response.ContentType = "application/json";
            return context.Response.Body.WriteAsync(new byte[] { 0x28, 0xB5, 0x2F, 0xFD, 0x04, 0x58 }).AsTask();
        };

        Assert.Contains("zstd", (await pool.CallAsync()).Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_in_place_of_an_answer_is_shown_with_its_type()
    {
        await using var pool = await StartAsync();
        _server.Call = Scripts.Body("text/html; charset=utf-8", "<html>Welcome to nginx!</html>");

        var answer = await pool.CallAsync();

        Assert.Equal("bad:Lost => OutcomeUnknown", answer.Story);
        Assert.Contains("text/html", answer.Error!.Message, StringComparison.Ordinal);
        Assert.Contains("`<html>Welcome to nginx!</html>`", answer.Error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(421, "Invalid Host header", true)]
    [InlineData(421, "", true)]
    [InlineData(403, "Forbidden: host not allowed", true)]
    [InlineData(403, "Forbidden: ghostwriters only", false)]
    [InlineData(404, "no such host", false)]
    public async Task A_refused_host_name_comes_with_advice(int status, string words, bool isAdvised)
    {
        await using var pool = await StartAsync();
        _server.Call = Scripts.Body("text/plain", words, status);

        var error = (await pool.CallAsync()).Error!.Message;

        Assert.Contains(words, error, StringComparison.Ordinal);
        Assert.Equal(isAdvised, error.Contains("headers { Host = … }", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task A_wait_that_is_asked_for_in_the_handshake_is_kept_and_shown(int status)
    {
        var requests = 0;
        _server.Before = async (context, message) =>
        {
            Interlocked.Increment(ref requests);
            await Scripts.Status(status, "120")(context, message);
            return true;
        };
        var begin = TimeProvider.System.GetUtcNow();
        await using var pool = await BadAndGood.StartAsync(_server.Settings, alone: true, waitForBad: false);

        var server = (await pool.Host.UntilAsync("bad", ServerStatus.Error)).Servers[0];

        Assert.InRange(server.NextReconnect!.Value - begin, TimeSpan.FromSeconds(115), TimeSpan.FromSeconds(120) + PoolHost.Patience);
        Assert.Contains("retry after 120 s", server.LastError, StringComparison.Ordinal);
        Assert.Equal(1, requests);
    }

    [Fact]
    public async Task A_new_session_does_not_wait_for_the_end_of_the_old_one()
    {
        await using var server = await ScriptedHttpServer.StartAsync(sessions: true);
        var released = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        server.Delete = _ => released.Task;
        await using var pool = await BadAndGood.StartAsync(
            server.Settings, BadAndGood.Patient with { CloseTimeout = 2 * PoolHost.Patience }, alone: true);

        await pool.Host.Pool.CommandAsync(new ReconnectServer("bad"));
        await pool.Host.UntilAsync(status => server.Initialized == 2 && status.Servers[0].Status == ServerStatus.Connected);

        Assert.False(released.Task.IsCompleted);
        released.SetResult();
    }

    private static byte[] Compressed(string coding, byte[] body)
    {
        using var written = new MemoryStream();
        using (Stream zip = coding switch
        {
            "gzip" => new GZipStream(written, CompressionLevel.Fastest),
            "deflate" => new ZLibStream(written, CompressionLevel.Fastest),
            _ => new BrotliStream(written, CompressionLevel.Fastest),
        })
        {
            zip.Write(body);
        }
        return written.ToArray();
    }

    /// <summary>Answers every request as it should be, but with another type and other bytes.</summary>
    private static Func<HttpContext, JsonNode, Task<bool>> Rewrite(Func<string, byte[]> write, string? type, string? coding = null) =>
        async (context, message) =>
        {
            var answer = (string?)message["method"] == "tools/call"
                ? LegacyMcp.ToolResult(message, "scripted")
                : LegacyMcp.Answer(message);
            if (answer is null)
                return false;
            if (type is not null)
                context.Response.ContentType = type;
            if (coding is not null)
                context.Response.Headers.ContentEncoding = coding;
            await context.Response.Body.WriteAsync(write(answer.ToJsonString()));
            return true;
        };

    private void RefuseInitialized(int status, string body) => _server.Before = async (context, message) =>
    {
        if ((string?)message["method"] != "notifications/initialized")
            return false;
        await Scripts.Body("application/json", body, status)(context, message);
        return true;
    };

    private Task<BadAndGood> StartAsync() => BadAndGood.StartAsync(_server.Settings, alone: true);
}
