using System.Collections.Concurrent;
using McpActors.Configuration;
using McpActors.Tests.Failures;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace McpActors.Tests.Transports.Http;

/// <summary>Servers of HTTP with SSE, and the setting for the transport.</summary>
public sealed class OlderTransportTests : IAsyncLifetime
{
    private const string Stream = "/mcp/sse";

    private readonly ConcurrentQueue<string> _requests = new();
    private KestrelEndpoint _server = null!;

    public async Task InitializeAsync()
    {
        _server = (KestrelEndpoint)await KestrelEndpoint.SseAsync();
        _server.Before = (context, _) =>
        {
            _requests.Enqueue($"{context.Request.Method} {context.Request.Path}");
            return Task.FromResult(false);
        };
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task A_server_that_opens_its_stream_for_a_post_too_is_recognized()
    {
        _server.Before = async (context, next) =>
        {
            if (!IsPostToStream(context))
                return false;
            // As a framework does that routes every method to one handler.
            context.Request.Method = HttpMethods.Get;
            context.Request.Headers.Accept = "text/event-stream";
            await next(context);
            return true;
        };

        await AssertConnectsAsync(_server.Settings, new PoolSettings());
    }

    [Fact]
    public async Task A_server_that_never_answers_a_post_to_its_stream_is_recognized()
    {
        _server.Before = async (context, _) =>
        {
            if (!IsPostToStream(context))
                return false;
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted)
                .ContinueWith(_ => { }, TaskScheduler.Default);
            return true;
        };

        await AssertConnectsAsync(_server.Settings, new PoolSettings { DiscoverTimeout = TimeSpan.FromSeconds(1) });
    }

    [Fact]
    public async Task A_server_that_is_only_slow_stays_what_it_is()
    {
        await using var slow = await ScriptedHttpServer.StartAsync();
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        slow.Get = context =>
        {
            asked.TrySetResult();
            context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            return Task.CompletedTask;
        };
        slow.Before = async (context, _) =>
        {
            await asked.Task.WaitAsync(context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            return false;
        };
        await using var pool = await BadAndGood.StartAsync(
            slow.Settings, BadAndGood.Patient with { DiscoverTimeout = TimeSpan.FromSeconds(1) }, alone: true);

        Assert.Equal("bad:Succeeded => bad", (await pool.CallAsync()).Story);
    }

    [Fact]
    public async Task Sse_by_setting_sends_no_post_to_the_stream()
    {
        await AssertConnectsAsync(_server.Settings with { Transport = HttpTransport.Sse }, new PoolSettings());

        Assert.DoesNotContain($"POST {Stream}", _requests);
    }

    [Fact]
    public async Task Streamable_http_by_setting_asks_for_no_stream()
    {
        var server = _server.Settings with { Transport = HttpTransport.StreamableHttp };
        await using var host = await PoolHost.StartAsync(new PoolSettings { Servers = [server] });

        await host.UntilAsync(server.Name, ServerStatus.Error);

        Assert.DoesNotContain($"GET {Stream}", _requests);
    }

    private static bool IsPostToStream(HttpContext context) =>
        HttpMethods.IsPost(context.Request.Method) && context.Request.Path == Stream;

    private static async Task AssertConnectsAsync(ServerSettings server, PoolSettings settings)
    {
        await using var host = await PoolHost.StartAsync(settings with { Servers = [server] });

        await host.UntilAsync(status => status.Servers[0] is { Status: ServerStatus.Connected, Tools: not null });
    }
}
