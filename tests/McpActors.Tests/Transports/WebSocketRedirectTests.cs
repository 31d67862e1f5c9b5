using System.Net.WebSockets;
using McpActors.Configuration;
using McpActors.Transports;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Protocol;
using Xunit;

namespace McpActors.Tests.Transports;

/// <summary>An upgrade that is answered with a redirect or a cookie: nothing of it is used.</summary>
public sealed class WebSocketRedirectTests : IAsyncLifetime
{
    private readonly WebApplication _app;
    private readonly List<string> _cookies = [];
    private RequestDelegate _answer = _ => Task.CompletedTask;

    public WebSocketRedirectTests()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        _app = builder.Build();
        _app.Urls.Add("http://127.0.0.1:0");
        _app.Use((RequestDelegate _) => context =>
        {
            _cookies.Add(context.Request.Headers.Cookie.ToString());
            return _answer(context);
        });
    }

    public Task InitializeAsync() => _app.StartAsync();

    public async Task DisposeAsync() => await _app.DisposeAsync();

    [Theory]
    [InlineData(301, false)]
    [InlineData(302, false)]
    [InlineData(307, false)]
    [InlineData(308, false)]
    [InlineData(302, true)]
    public async Task A_redirect_is_not_followed_and_no_header_goes_there(int status, bool guarded)
    {
        await using var elsewhere = await RecordingServer.StartAsync();
        _answer = context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = $"http://127.0.0.1:{elsewhere.Port}/internal";
            return Task.CompletedTask;
        };

        await Assert.ThrowsAsync<WebSocketException>(() => ConnectAsync(guarded));

        Assert.Empty(elsewhere.Requests);
    }

    [Fact]
    public async Task A_cookie_is_not_sent_back()
    {
        _answer = context =>
        {
            context.Response.Cookies.Append("tracked", "yes");
            context.Response.StatusCode = 503;
            return Task.CompletedTask;
        };

        await Assert.ThrowsAsync<WebSocketException>(() => ConnectAsync(guarded: false));
        await Assert.ThrowsAsync<WebSocketException>(() => ConnectAsync(guarded: false));

        Assert.Equal(["", ""], _cookies);
    }

    private Task<ITransport> ConnectAsync(bool guarded)
    {
        var server = new ServerSettings
        {
            Name = "ws",
            Uri = new UriBuilder(_app.Urls.Single()) { Scheme = "ws", Path = "/mcp" }.Uri,
            Token = Secret.FromLiteral("the-token"),
            Headers = new Dictionary<string, Secret> { ["X-Api-Key"] = Secret.FromLiteral("the-key") },
            GuardTarget = guarded,
        };
        return new TransportFactory(new MemoryServers(), new PoolSettings(), logs: null)
            .Create(server, new CurrentRedactor())
            .ConnectAsync()
            .WaitAsync(Eventually.Guard);
    }
}
