using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace McpActors.Host.Tests.Processes;

/// <summary>The worker as an MCP server, with real clients of both eras.</summary>
public sealed class McpEndpointTests(DemoHost demo) : IClassFixture<DemoHost>
{
    private const string Token = "an access token of the tests";

    public static TheoryData<string> Eras => ["2025-11-25", "2026-07-28"];

    [Theory]
    [MemberData(nameof(Eras))]
    public async Task Clients_list_and_call_the_tools_of_the_pool(string revision)
    {
        await using var client = await ConnectAsync(demo.Process, revision);

        var tools = await client.ListToolsAsync();
        var result = await client.CallToolAsync("getTime");

        Assert.Equal("mcp-actors", client.ServerInfo!.Name);
        Assert.Contains("getData", tools.Select(tool => tool.Name));
        Assert.NotNull(result.StructuredContent);
    }

    [Theory]
    [MemberData(nameof(Eras))]
    public async Task Progress_reaches_the_caller_before_the_result(string revision)
    {
        await using var client = await ConnectAsync(demo.Process, revision);
        var reports = new Reports();

        var result = await client.CallToolAsync(
            "countDown", new Dictionary<string, object?> { ["seconds"] = 2 }, progress: reports);

        Assert.NotEqual(true, result.IsError);
        Assert.NotEmpty(reports.Values);
        Assert.Equal(reports.Values.Order(), reports.Values);
    }

    [Fact]
    public async Task A_page_of_another_site_is_refused()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/mcp") { Content = Body() };
        request.Headers.Add("Origin", "http://evil.example");

        using var response = await demo.Process.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Fact]
    public async Task With_a_token_clients_need_it_and_have_their_sessions()
    {
        await using var host = await HostProcess.DemoAsync(new() { ["MCP_ACTORS_ACCESS_TOKEN"] = Token });

        using var refused = await host.Client.PostAsync("/mcp", Body());
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        foreach (var revision in (string[])["2025-11-25", "2026-07-28"])
        {
            await using var client = await ConnectAsync(host, revision, Token);
            Assert.NotEqual(true, (await client.CallToolAsync("getTime")).IsError);
        }
    }

    [Fact]
    public async Task Streams_do_not_delay_the_stop()
    {
        await using var host = await HostProcess.DemoAsync();
        await using var session = await ConnectAsync(host, "2025-11-25");
        await using var stateless = await ConnectAsync(host, "2026-07-28");
        var acknowledged = new TaskCompletionSource();
        await using var registration = stateless.RegisterNotificationHandler(
            NotificationMethods.SubscriptionsAcknowledgedNotification, (_, _) =>
            {
                acknowledged.TrySetResult();
                return default;
            });
        var listening = stateless.SendRequestAsync(new JsonRpcRequest
        {
            Method = RequestMethods.SubscriptionsListen,
            Params = new JsonObject
            {
                ["notifications"] = new JsonObject { ["toolsListChanged"] = true },
            },
        });
        await acknowledged.Task.WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System);

        host.Signal("TERM");

        var end = await listening;
        Assert.NotNull(end.Result!["_meta"]!["io.modelcontextprotocol/subscriptionId"]);
        Assert.Equal(0, (await host.EndAsync()).ExitCode);
    }

    [Fact]
    public async Task It_can_be_switched_off()
    {
        await using var host = await HostProcess.ServeAsync(
            new Dictionary<string, string> { ["MCP_ACTORS__HOST__MCP__ENABLED"] = "off" }, "--demo-port", "0");

        using var response = await host.Client.PostAsync("/mcp", Body());

        Assert.NotEqual(HttpStatusCode.OK, response.StatusCode);
        Assert.NotEqual(HttpStatusCode.NotAcceptable, response.StatusCode);
    }

    private static StringContent Body() => new("{}", Encoding.UTF8, "application/json");

    private static Task<McpClient> ConnectAsync(HostProcess host, string revision, string? token = null) => McpClient.CreateAsync(
        new HttpClientTransport(new HttpClientTransportOptions
        {
            Endpoint = new Uri(host.Client.BaseAddress!, "/mcp"),
            TransportMode = HttpTransportMode.StreamableHttp,
            AdditionalHeaders = token is null ? null : new Dictionary<string, string>
            {
                ["Authorization"] = new AuthenticationHeaderValue("Bearer", token).ToString(),
            },
        }),
        new McpClientOptions { ProtocolVersion = revision });

    private sealed class Reports : IProgress<ProgressNotificationValue>
    {
        private readonly List<float> _values = [];

        public IReadOnlyList<float> Values
        {
            get { lock (_values) return [.. _values]; }
        }

        public void Report(ProgressNotificationValue value)
        {
            lock (_values)
                _values.Add(value.Progress);
        }
    }
}
