using System.Net;
using System.Text;
using McpActors.AspNetCore;
using McpActors.Gateway;
using McpActors.Hosting;
using McpActors.Transports;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using Xunit;

namespace McpActors.Tests.Gateway;

/// <summary>The pool of an ASP.NET Core service over HTTP, by the two lines that a service writes.</summary>
public sealed class EndpointTests : IAsyncDisposable
{
    private readonly MemoryServers _servers = new();
    private WebApplication? _app;

    public EndpointTests() => _servers.Add("a").Tool("pool", () => "of the pool");

    public static TheoryData<string> Eras => ["2025-11-25", "2026-07-28"];

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
            await _app.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Eras))]
    public async Task Own_tools_of_the_service_stand_beside_those_of_the_pool(string revision)
    {
        await StartAsync(services => services.AddMcpServer().WithTools([McpServerTool.Create(() => "own", new() { Name = "mine" })]));
        await using var client = await ConnectAsync(revision);

        Assert.Equal(["mine", "pool"], (await client.ListToolsAsync()).Select(tool => tool.Name).Order(StringComparer.Ordinal));
        Assert.Equal("own", TextOf(await client.CallToolAsync("mine")));
        Assert.Equal("of the pool", TextOf(await client.CallToolAsync("pool")));
    }

    [Fact]
    public async Task Every_session_of_the_legacy_era_hears_of_a_change()
    {
        await StartAsync();
        await using var first = await ConnectAsync("2025-11-25");
        await using var second = await ConnectAsync("2025-11-25");
        await first.ListToolsAsync();
        var heard = new[] { new TaskCompletionSource(), new TaskCompletionSource() };
        await using var one = Hear(first, heard[0]);
        await using var two = Hear(second, heard[1]);

        // A client opens its stream after the handshake, in its own time; what is announced before that does not reach it.
        using var patience = new CancellationTokenSource(PoolHost.Patience, TimeProvider.System);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
        for (var i = 0; heard.Any(source => !source.Task.IsCompleted); i++)
        {
            _servers["a"].Tool($"new{i}", () => "new");
            await tick.WaitForNextTickAsync(patience.Token);
        }
    }

    [Theory]
    [InlineData("http://evil.example", null, HttpStatusCode.Forbidden)]
    [InlineData(null, "evil.example", HttpStatusCode.Forbidden)]
    [InlineData("https://good.example", null, HttpStatusCode.BadRequest)]
    [InlineData(null, null, HttpStatusCode.BadRequest)]
    [InlineData(null, "localhost", HttpStatusCode.BadRequest)]
    public async Task A_page_of_another_site_is_refused(string? origin, string? host, HttpStatusCode status)
    {
        await StartAsync(configure: endpoint => endpoint.AllowedOrigins = ["https://good.example"]);
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, Address)
        {
            Content = new StringContent("{}", Encoding.UTF8, "application/json"),
        };
        request.Headers.Accept.ParseAdd("application/json");
        request.Headers.Accept.ParseAdd("text/event-stream");
        request.Headers.Host = host;
        if (origin is not null)
            request.Headers.Add("Origin", origin);

        using var response = await client.SendAsync(request);

        Assert.Equal(status, response.StatusCode);
    }

    [Theory]
    [InlineData("""{"name":"pool","name":"other","arguments":{},""", HttpStatusCode.BadRequest, -32600)]
    [InlineData("""{"name":7,"arguments":{},""", HttpStatusCode.BadRequest, -32600)]
    [InlineData("""{"name":"pool","arguments":{"a":1,"a":2},""", HttpStatusCode.OK, -32602)]
    [InlineData("""{"name":"pool","arguments":[],""", HttpStatusCode.OK, -32602)]
    public async Task A_message_that_cannot_be_read_is_the_fault_of_its_sender(string parameters, HttpStatusCode status, int code)
    {
        await StartAsync();
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, Address)
        {
            Content = new StringContent(
                $$"""
                {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{parameters}}"_meta":{
                "io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{} } } }
                """,
                Encoding.UTF8,
                "application/json"),
        };
        request.Headers.Accept.ParseAdd("application/json");
        request.Headers.Accept.ParseAdd("text/event-stream");
        request.Headers.Add("MCP-Protocol-Version", "2026-07-28");
        request.Headers.Add("Mcp-Method", "tools/call");
        request.Headers.Add("Mcp-Name", "pool");

        using var response = await client.SendAsync(request);

        Assert.Equal(status, response.StatusCode);
        Assert.Contains($"\"code\":{code}", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_options_end_the_start()
    {
        var error = await Assert.ThrowsAsync<ArgumentException>(
            () => StartAsync(configure: endpoint => endpoint.Gateway = new GatewayOptions { PageSize = 0 }));

        Assert.Contains("PageSize is 0", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Without_its_services_the_endpoint_names_the_lines_that_are_missing(bool hasPool)
    {
        var builder = WebApplication.CreateBuilder();
        if (hasPool)
            builder.Services.AddMcpPool(PoolHost.Settings());
        else
            builder.Services.AddMcpPoolEndpoint();
        await using var app = builder.Build();

        var error = Assert.Throws<InvalidOperationException>(() => app.MapMcpPool());

        Assert.Contains("services.AddMcpPoolEndpoint()", error.Message, StringComparison.Ordinal);
    }

    private Uri Address => new(new Uri(_app!.Urls.Single()), "/mcp");

    private async Task StartAsync(Action<IServiceCollection>? services = null, Action<McpPoolEndpointOptions>? configure = null)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddMcpPool(PoolHost.Settings("a"), pool => pool.MemoryServers = _servers);
        builder.Services.AddMcpPoolEndpoint(configure);
        services?.Invoke(builder.Services);
        _app = builder.Build();
        _app.MapMcpPool();
        await _app.StartAsync();
    }

    private Task<McpClient> ConnectAsync(string revision) => McpClient.CreateAsync(
        new HttpClientTransport(new HttpClientTransportOptions { Endpoint = Address, TransportMode = HttpTransportMode.StreamableHttp }),
        new McpClientOptions { ProtocolVersion = revision });

    private static IAsyncDisposable Hear(McpClient client, TaskCompletionSource heard) => client.RegisterNotificationHandler(
        NotificationMethods.ToolListChangedNotification,
        (_, _) =>
        {
            heard.TrySetResult();
            return default;
        });

    private static string TextOf(CallToolResult result) => ((TextContentBlock)result.Content[0]).Text;
}
