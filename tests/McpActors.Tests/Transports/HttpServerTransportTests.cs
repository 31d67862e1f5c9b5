using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Transports;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using Xunit;

namespace McpActors.Tests.Transports;

/// <summary>The additions to the SDK's HTTP transport, against a server that sends the answers that the test chose.</summary>
public sealed class HttpServerTransportTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.Zero));
    private readonly WebApplication _app;
    private RequestDelegate _answer = _ => Task.CompletedTask;
    private int _requests;

    public HttpServerTransportTests()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        _app = builder.Build();
        _app.Urls.Add("http://127.0.0.1:0");
        _app.Use((RequestDelegate _) => context =>
        {
            Interlocked.Increment(ref _requests);
            return _answer(context);
        });
    }

    public Task InitializeAsync() => _app.StartAsync();

    public async Task DisposeAsync() => await _app.DisposeAsync();

    [Theory]
    [InlineData(HttpStatusCode.TooManyRequests, "7", 7)]
    [InlineData(HttpStatusCode.ServiceUnavailable, "0", 0)]
    [InlineData(HttpStatusCode.ServiceUnavailable, null, null)]
    [InlineData(HttpStatusCode.TooManyRequests, "soon", null)]
    public async Task A_refusal_carries_the_seconds_to_wait(HttpStatusCode status, string? header, int? seconds)
    {
        _answer = Refusal(status, header);

        var refused = await Assert.ThrowsAsync<HttpRefusedException>(SendAsync);

        Assert.Equal(status, refused.StatusCode);
        Assert.Equal(seconds, (int?)refused.RetryAfter?.TotalSeconds);
    }

    [Theory]
    [InlineData(90, 90)]
    [InlineData(-90, 0)]
    public async Task A_refusal_carries_the_time_until_a_date(int offset, int seconds)
    {
        var date = _time.GetUtcNow().AddSeconds(offset).ToString("R", CultureInfo.InvariantCulture);
        _answer = Refusal(HttpStatusCode.ServiceUnavailable, date);

        var refused = await Assert.ThrowsAsync<HttpRefusedException>(SendAsync);

        Assert.Equal(TimeSpan.FromSeconds(seconds), refused.RetryAfter);
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("text/event-stream")]
    public async Task A_response_over_the_limit_ends_its_request(string type)
    {
        _answer = context =>
        {
            context.Response.ContentType = type;
            return context.Response.WriteAsync("data: " + new string(' ', (int)(2 * Limit)));
        };

        var error = await Assert.ThrowsAsync<ResultTooLargeException>(SendAsync);

        Assert.Equal(Limit, error.Limit);
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("\r")]
    public async Task Many_small_events_are_not_a_large_result(string lineEnd)
    {
        _answer = async context =>
        {
            context.Response.ContentType = "text/event-stream";
            var text = new string('x', 1000);
            for (var sent = 0L; sent < 2 * Limit; sent += text.Length)
            {
                await context.Response.WriteAsync(
                    "data: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/x\","
                    + $"\"params\":{{\"t\":\"{text}\"}}}}{lineEnd}{lineEnd}");
            }

            await context.Response.WriteAsync("data: {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n\n");
        };

        await SendAsync();
    }

    [Fact]
    public async Task The_event_stream_of_the_older_transport_has_the_limit_too()
    {
        _answer = async context =>
        {
            if (HttpMethods.IsPost(context.Request.Method))
            {
                context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
                return;
            }
            context.Response.ContentType = "text/event-stream";
            var endless = Encoding.UTF8.GetBytes("data: " + new string('x', 64 * 1024));
            while (!context.RequestAborted.IsCancellationRequested)
                await context.Response.Body.WriteAsync(endless, context.RequestAborted);
        };

        var error = await Assert.ThrowsAsync<HttpRequestException>(SendAsync);

        Assert.Contains("max-result-size", FailureClassifier.Words(error), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(404)]
    [InlineData(500)]
    public async Task Of_an_error_only_the_beginning_is_read(int status)
    {
        _answer = async context =>
        {
            context.Response.StatusCode = status;
            context.Response.ContentType = "text/plain";
            var endless = new byte[64 * 1024];
            while (!context.RequestAborted.IsCancellationRequested)
                await context.Response.Body.WriteAsync(endless, context.RequestAborted);
        };

        var error = await Assert.ThrowsAnyAsync<HttpRequestException>(SendAsync);

        Assert.Equal(status, (int?)error.StatusCode);
        // And a few words around it.
        Assert.InRange(error.Message.Length, 1, HttpGuard.MaxErrorBody + 1000);
    }

    [Fact]
    public async Task A_compressed_answer_is_limited_by_what_comes_out_of_it()
    {
        _answer = async context =>
        {
            context.Response.ContentType = "application/json";
            context.Response.Headers.ContentEncoding = "gzip";
            await using var zip = new GZipStream(context.Response.Body, CompressionLevel.SmallestSize);
            // Few bytes, of which inflating would make more than the limit.
            await zip.WriteAsync("{\"t\":\""u8.ToArray());
            await zip.WriteAsync(new byte[500 * Limit]);
        };

        var error = await Assert.ThrowsAsync<ResultTooLargeException>(SendAsync);

        Assert.Equal(Limit, error.Limit);
    }

    [Theory]
    [InlineData("2026-07-28", "hello", "hello")]
    [InlineData("2026-07-28", "größe", "=?base64?Z3LDtsOfZQ==?=")]
    [InlineData("2026-07-28", "line\nbreak", "=?base64?bGluZQpicmVhaw==?=")]
    [InlineData("2026-07-28", "two words ", "=?base64?dHdvIHdvcmRzIA==?=")]
    [InlineData("2025-11-25", "hello", "hello")]
    [InlineData("2025-11-25", "größe", null)]
    [InlineData("2025-11-25", "line\nbreak", null)]
    public async Task A_name_that_is_not_plain_is_encoded_for_servers_that_expect_it(string version, string name, string? header)
    {
        var seen = new List<string?>();
        _answer = async context =>
        {
            var message = (await JsonNode.ParseAsync(context.Request.Body))!;
            Assert.Equal(name, (string?)message["params"]!["name"]);
            seen.Add(context.Request.Headers.TryGetValue("Mcp-Name", out var value) ? value.ToString() : null);
            await context.Response.WriteAsync("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}");
        };

        await SendAsync(new JsonRpcRequest
        {
            Id = new RequestId(1),
            Method = "tools/call",
            Params = new JsonObject
            {
                ["name"] = name,
                ["_meta"] = new JsonObject { ["io.modelcontextprotocol/protocolVersion"] = version },
            },
        });

        Assert.Equal([header], seen);
    }

    [Theory]
    [InlineData("http")]
    [InlineData("ws")]
    public async Task A_header_that_cannot_be_written_is_named_and_nothing_is_sent(string scheme)
    {
        var server = Server with
        {
            Uri = new UriBuilder(Server.Uri!) { Scheme = scheme }.Uri,
            Headers = new Dictionary<string, Secret> { ["X-User"] = Secret.FromLiteral("Jürgen") },
        };

        var error = await Assert.ThrowsAsync<SecretUnavailableException>(async () => await Create(server).ConnectAsync());

        Assert.Contains("servers.http.headers.X-User", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Jürgen", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, _requests);
    }

    [Theory]
    [InlineData("http://127.0.0.1:{other}/message")]
    [InlineData("http://localhost:{other}/message")]
    [InlineData("//127.0.0.1:{other}/message")]
    [InlineData("https://127.0.0.1:{own}/message")]
    public async Task No_message_goes_to_another_origin_than_the_configured_one(string endpoint)
    {
        await using var elsewhere = await RecordingServer.StartAsync();
        var own = new Uri(_app.Urls.Single()).Port;
        endpoint = endpoint.Replace("{other}", $"{elsewhere.Port}", StringComparison.Ordinal)
            .Replace("{own}", $"{own}", StringComparison.Ordinal);
        var posts = 0;
        _answer = async context =>
        {
            if (HttpMethods.IsPost(context.Request.Method))
            {
                // The first is the attempt with Streamable HTTP.
                Interlocked.Increment(ref posts);
                context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
                return;
            }
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync($"event: endpoint\ndata: {endpoint}\n\n");
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted)
                .ContinueWith(_ => { }, TaskScheduler.Default);
        };

        var error = await Assert.ThrowsAsync<HttpRequestException>(SendAsync);

        Assert.Contains("Nothing was sent there", FailureClassifier.Words(error), StringComparison.Ordinal);
        Assert.Empty(elsewhere.Requests);
        Assert.Equal(1, posts);
    }

    [Fact]
    public void A_missing_token_is_named_without_a_value()
    {
        var server = Server with { Token = Secret.FromEnvironment("MCPACTORS_NO_SUCH_VARIABLE") };

        var error = Assert.Throws<SecretUnavailableException>(() => Create(server));

        Assert.Contains("MCPACTORS_NO_SUCH_VARIABLE", error.Message, StringComparison.Ordinal);
    }

    private static long Limit => MessageLimits.WithEnvelope(1000);

    private ServerSettings Server => new() { Name = "http", Uri = new Uri(_app.Urls.Single() + "/mcp") };

    private static RequestDelegate Refusal(HttpStatusCode status, string? retryAfter) => context =>
    {
        context.Response.StatusCode = (int)status;
        if (retryAfter is not null)
            context.Response.Headers.RetryAfter = retryAfter;

        return Task.CompletedTask;
    };

    private IClientTransport Create(ServerSettings server) =>
        new TransportFactory(new MemoryServers(), new PoolSettings { MaxResultSize = 1000 }, logs: null, _time)
            .Create(server, new CurrentRedactor());

    private Task SendAsync() => SendAsync(new JsonRpcRequest { Id = new RequestId(1), Method = "tools/list" });

    private async Task SendAsync(JsonRpcRequest request)
    {
        var transport = Create(Server);
        await using var owned = (IAsyncDisposable)transport;
        await using var session = await transport.ConnectAsync();
        await session.SendMessageAsync(request).WaitAsync(Eventually.Guard);
    }
}
