using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using McpActors.Configuration;
using McpActors.Host.Api;
using McpActors.Host.Settings;
using McpActors.Host.Tests.Api;
using McpActors.Hosting;
using McpActors.Tests;
using McpActors.Transports;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace McpActors.Host.Tests.Hostile;

/// <summary>
/// Whatever a client sends, nobody else notices: each request is answered by a status that is the client's fault or by the pool, calls in
/// flight end as if it had not come, and no connection or circuit moves. <c>MCPACTORS_FUZZ_SECONDS</c> lets the generator run longer.
/// </summary>
public sealed class HostileRequestTests : IAsyncLifetime
{
    private const int Requests = 400;
    private const int CallsInFlight = 4;

    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(60);

    private readonly MemoryServers _servers = new();
    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromMinutes(30) };
    private readonly List<Task<HttpResponseMessage>> _inFlight = [];
    private WebApplication _app = null!;

    private int Port => new Uri(_app.Urls.Single()).Port;

    public async Task InitializeAsync()
    {
        _servers.Add("good")
            .Tool("echo", call => "said")
            .Tool("hold", async (_, cancellation) =>
            {
                await _release.Task.WaitAsync(cancellation);
                return "held";
            });
        var settings = new PoolSettings
        {
            CallTimeout = TimeSpan.FromMinutes(20),
            Servers = [new ServerSettings { Name = "good", Uri = new Uri("memory://good") }],
        };
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddPoolApi(settings, new HostSettings { MaxAddedServers = 3, RequestsPerSecond = 0 });
        builder.Services.AddMcpPool(settings, options => options.MemoryServers = _servers);
        _app = builder.Build();
        _app.UsePoolApi();
        await _app.StartAsync();
        _client.BaseAddress = new Uri(_app.Urls.Single());
        await Eventually.TrueAsync(async () => (await ServerAsync()).TryGetProperty("tools", out _));
        for (var i = 0; i < CallsInFlight; i++)
            _inFlight.Add(_client.PostAsync("/api/execute", new StringContent("""{"method":"hold"}""")));
        await Eventually.TrueAsync(async () => (await ServerAsync()).GetProperty("inFlight").GetInt32() == CallsInFlight);
    }

    public async Task DisposeAsync()
    {
        _release.TrySetResult();
        _client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    [Theory]
    [InlineData("""{"method":"tools/call","params":{"name":"\ud800"}}""")]
    [InlineData("""{"method":"\ud800"}""")]
    [InlineData("""{"method":"resources/read","params":{"uri":"\udfff"}}""")]
    [InlineData("""{"method":"echo","params":{"x":"\ud800"}}""")]
    [InlineData("""{"method":"echo","options":{"affinityKey":"\ud800","callId":"\ud800","server":"\ud800"}}""")]
    [InlineData("""{"method":"tools/call","params":{"name":"getD\u00ebta"}}""")]
    [InlineData("""{"method":"echo","params":{"x":1e400}}""")]
    [InlineData("""{"method":"echo","options":{"hedgeQuantile":1e400}}""")]
    [InlineData("""{"method":"initialize","params":{}}""")]
    public async Task A_body_harms_nobody_but_its_sender(string body)
    {
        foreach (var path in new[] { "/api/execute", "/api/explain" })
        {
            foreach (var encoding in new[] { Encoding.UTF8, Encoding.Latin1 })
                AssertAnswer(body, await PostAsync(path, encoding.GetBytes(body)));
        }

        await AssertNobodyElseNoticedAsync();
    }

    [Theory]
    [InlineData("a\\u0000b")]
    [InlineData("\\u0000")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("\\ud800")]
    [InlineData("a/b")]
    [InlineData("$a")]
    [InlineData("router")]
    public async Task A_name_that_no_actor_can_have_harms_nobody(string name)
    {
        var body = $$"""{"name":"{{name}}","uri":"http://127.0.0.1:1/","group":"{{name}}"}""";

        Assert.StartsWith("HTTP/1.1 4", await PostAsync("/api/servers", Encoding.UTF8.GetBytes(body)), StringComparison.Ordinal);

        await AssertNobodyElseNoticedAsync();
    }

    [Theory]
    [InlineData("a: fa\u00f7se")]
    [InlineData("no colon")]
    public async Task A_trailer_that_is_not_valid_is_the_fault_of_its_sender(string trailer)
    {
        var request = "POST /api/servers HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
            + $"0\r\n{trailer}\r\n\r\n";

        Assert.StartsWith(
            "HTTP/1.1 400", await SendAsync(Encoding.Latin1.GetBytes(request), isWhole: true), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_generated_request_harms_anybody_but_its_sender()
    {
        foreach (var seed in Fuzz.Seeds(Requests))
        {
            var request = new HostileRequest(seed);
            var answer = await SendAsync(request.Bytes, request.IsWhole);
            // To bytes that are no request, a closed connection is an answer.
            if (request.IsWhole || answer != "")
                AssertAnswer($"seed {seed}: {Encoding.Latin1.GetString(request.Bytes)}", answer);
            Assert.False(_inFlight.Exists(call => call.IsCompleted), $"seed {seed} ended a call of somebody else");
        }

        await AssertNobodyElseNoticedAsync();
    }

    private async Task AssertNobodyElseNoticedAsync()
    {
        var server = await ServerAsync();
        var state = (server.GetProperty("status").GetString(), server.GetProperty("circuit").GetString());
        Assert.Equal((("Connected", "Closed"), 0L), (state, server.GetProperty("restarts").GetInt64()));
        Assert.Equal(1, _servers["good"].Connections);
        _release.SetResult();
        foreach (var call in _inFlight)
            Assert.Equal(HttpStatusCode.OK, (await call.WaitAsync(Guard)).StatusCode);
    }

    private static void AssertAnswer(string request, string answer)
    {
        var isOfPool = answer.Contains("\"kind\":\"", StringComparison.Ordinal)
            && !answer.Contains("\"InternalError\"", StringComparison.Ordinal);
        var isOfClient = (answer.StartsWith("HTTP/1.1 ", StringComparison.Ordinal) && answer[9] is >= '2' and <= '4')
            || answer.StartsWith("HTTP/1.1 505", StringComparison.Ordinal);
        Assert.True(isOfPool || isOfClient, $"{request}\n=> {answer}");
    }

    private Task<string> PostAsync(string path, byte[] body) => SendAsync(
        [
            .. Encoding.ASCII.GetBytes($"POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"),
            .. Encoding.ASCII.GetBytes($"Content-Length: {body.Length}\r\n\r\n"),
            .. body,
        ],
        isWhole: true);

    /// <summary>Sends bytes and returns the answer; empty when the connection is closed without one.</summary>
    private async Task<string> SendAsync(byte[] request, bool isWhole)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Port);
        using var guard = new CancellationTokenSource(Guard);
        using var answer = new MemoryStream();
        try
        {
            await using var stream = client.GetStream();
            await stream.WriteAsync(request, guard.Token);
            // The rest will not come. After a whole request this would look like a client that gave up, which gets no answer.
            if (!isWhole)
                client.Client.Shutdown(SocketShutdown.Send);
            await stream.CopyToAsync(answer, guard.Token);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // A request that is refused early is not read to its end.
        }
        return Encoding.Latin1.GetString(answer.ToArray());
    }

    private async Task<JsonElement> ServerAsync()
    {
        var status = await (await _client.GetAsync("/api/status")).JsonAsync();
        return status.GetProperty("servers").EnumerateArray().Single(server => server.GetProperty("name").GetString() == "good");
    }
}
