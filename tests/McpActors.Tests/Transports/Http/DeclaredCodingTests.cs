using System.IO.Compression;
using System.Text;
using McpActors.Tests.Failures;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace McpActors.Tests.Transports.Http;

/// <summary>Answers whose <c>Content-Encoding</c> is declared, and true or not.</summary>
public sealed class DeclaredCodingTests : IAsyncLifetime
{
    private ScriptedHttpServer _server = null!;

    public static TheoryData<string, bool> Answers
    {
        get
        {
            var rows = new TheoryData<string, bool>();
            foreach (var coding in (string[])["gzip", "deflate", "br", "identity", "GZIP"])
            {
                rows.Add(coding, false);
                rows.Add(coding, true);
            }
            return rows;
        }
    }

    public async Task InitializeAsync() => _server = await ScriptedHttpServer.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task A_body_that_is_not_compressed_is_read_as_it_is(string coding, bool isStream)
    {
        _server.Before = async (context, message) =>
        {
            var answer = (string?)message["method"] == "tools/call" ? LegacyMcp.ToolResult(message, "plain") : LegacyMcp.Answer(message);
            if (answer is not null)
                await WriteAsync(context, coding, isStream, Encoding.UTF8.GetBytes(Text(answer.ToJsonString(), isStream)));
            return answer is not null;
        };
        await using var pool = await StartAsync();

        Assert.Equal("plain", (await pool.CallAsync()).CallCompleted?.Text());
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("raw deflate")]
    [InlineData("br")]
    public async Task A_compressed_list_is_read(string coding)
    {
        // An array of numbers, larger than one window, begins with the bytes of text in some codings.
        var text = $"[{string.Join(',', Enumerable.Range(0, 40_000))}]";
        _server.Call = (context, request) => WriteAsync(
            context, coding.Split(' ')[^1], isStream: false, Compressed(coding, LegacyMcp.ToolResult(request, text).ToJsonString()));
        await using var pool = await StartAsync();

        Assert.Equal(text, (await pool.CallAsync()).CallCompleted?.Text());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_words_of_a_refusal_are_read(bool isCompressed)
    {
        await using var pool = await StartAsync();
        _server.Call = (context, request) =>
        {
            context.Response.StatusCode = 400;
            var error = LegacyMcp.Error(request, -32602, "no such tool").ToJsonString();
            return WriteAsync(context, "gzip", isStream: false, isCompressed ? Compressed("gzip", error) : Encoding.UTF8.GetBytes(error));
        };

        Assert.Contains("no such tool", (await pool.CallAsync()).Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_is_passed_on_before_the_stream_ends()
    {
        var read = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _server.Before = (_, message) =>
        {
            if (message["id"]?.ToJsonString() == "\"question\"")
                read.TrySetResult();
            return Task.FromResult(false);
        };
        _server.Call = async (context, request) =>
        {
            context.Response.Headers.ContentEncoding = "gzip";
            context.Response.ContentType = "text/event-stream";
            await using var gzip = new GZipStream(context.Response.Body, CompressionLevel.Fastest);
            await gzip.WriteAsync("data: {\"jsonrpc\":\"2.0\",\"id\":\"question\",\"method\":\"roots/list\"}\n\n"u8.ToArray());
            await gzip.FlushAsync();
            await context.Response.Body.FlushAsync();
            await read.Task.WaitAsync(PoolHost.Patience);
            await gzip.WriteAsync(Encoding.UTF8.GetBytes(Text(LegacyMcp.ToolResult(request, "asked").ToJsonString(), isStream: true)));
        };
        await using var pool = await StartAsync();

        Assert.Equal("asked", (await pool.CallAsync()).CallCompleted?.Text());
    }

    private static string Text(string answer, bool isStream) => isStream ? $"data: {answer}\n\n" : answer;

    private static async Task WriteAsync(HttpContext context, string coding, bool isStream, byte[] body)
    {
        context.Response.Headers.ContentEncoding = coding;
        context.Response.ContentType = isStream ? "text/event-stream" : "application/json";
        await context.Response.Body.WriteAsync(body);
    }

    private static byte[] Compressed(string coding, string text)
    {
        using var written = new MemoryStream();
        using (Stream zip = coding switch
        {
            "gzip" => new GZipStream(written, CompressionLevel.Optimal),
            "deflate" => new ZLibStream(written, CompressionLevel.Optimal),
            "raw deflate" => new DeflateStream(written, CompressionLevel.Optimal),
            _ => new BrotliStream(written, CompressionLevel.Fastest),
        })
        {
            zip.Write(Encoding.UTF8.GetBytes(text));
        }
        return written.ToArray();
    }

    private Task<BadAndGood> StartAsync() => BadAndGood.StartAsync(_server.Settings, alone: true);
}
