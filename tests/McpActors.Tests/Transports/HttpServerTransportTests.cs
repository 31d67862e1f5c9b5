using System.Globalization;
using System.Net;
using McpActors.Configuration;
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
            return context.Response.WriteAsync("data: " + new string(' ', 200_000));
        };

        var error = await Assert.ThrowsAsync<ResultTooLargeException>(SendAsync);

        Assert.Equal(1000 + 64 * 1024, error.Limit);
    }

    [Fact]
    public async Task Many_small_events_are_not_a_large_result()
    {
        _answer = async context =>
        {
            context.Response.ContentType = "text/event-stream";
            for (var i = 0; i < 200; i++)
            {
                await context.Response.WriteAsync(
                    "data: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/x\","
                    + $"\"params\":{{\"t\":\"{new string('x', 1000)}\"}}}}\r\n\r\n");
            }

            await context.Response.WriteAsync("data: {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n\n");
        };

        await SendAsync();
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        _answer = context =>
        {
            context.Response.Redirect("/elsewhere", permanent: false, preserveMethod: true);
            return Task.CompletedTask;
        };

        var error = await Assert.ThrowsAsync<HttpRequestException>(SendAsync);

        Assert.Equal(HttpStatusCode.TemporaryRedirect, error.StatusCode);
        Assert.Equal(1, _requests);
    }

    [Fact]
    public void A_missing_token_is_named_without_a_value()
    {
        var server = Server with { Token = Secret.FromEnvironment("MCPACTORS_NO_SUCH_VARIABLE") };

        var error = Assert.Throws<SecretUnavailableException>(() => Create(server));

        Assert.Contains("MCPACTORS_NO_SUCH_VARIABLE", error.Message, StringComparison.Ordinal);
    }

    private ServerSettings Server => new() { Name = "http", Uri = new Uri(_app.Urls.Single() + "/mcp") };

    private static RequestDelegate Refusal(HttpStatusCode status, string? retryAfter) => context =>
    {
        context.Response.StatusCode = (int)status;
        if (retryAfter is not null)
            context.Response.Headers.RetryAfter = retryAfter;

        return Task.CompletedTask;
    };

    private IClientTransport Create(ServerSettings server) =>
        new TransportFactory(new MemoryServers(), new PoolSettings { MaxResultSize = 1000 }, logs: null, _time).Create(server);

    private async Task SendAsync()
    {
        var transport = Create(Server);
        await using var owned = (IAsyncDisposable)transport;
        await using var session = await transport.ConnectAsync();
        await session.SendMessageAsync(new JsonRpcRequest { Id = new RequestId(1), Method = "tools/list" }).WaitAsync(Eventually.Guard);
    }
}
