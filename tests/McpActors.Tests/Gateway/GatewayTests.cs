using System.IO.Pipelines;
using System.Text.Json.Nodes;
using McpActors.Gateway;
using McpActors.Transports;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using Xunit;

namespace McpActors.Tests.Gateway;

/// <summary>A pool behind a server of the SDK, with clients of both eras in front.</summary>
public sealed class GatewayTests : IAsyncLifetime
{
    private readonly MemoryServers _servers = new();
    private readonly List<IAsyncDisposable> _open = [];
    private PoolHost _host = null!;

    public static TheoryData<string> Eras => ["2025-11-25", "2026-07-28"];

    public async Task InitializeAsync()
    {
        foreach (var name in (string[])["a1", "a2", "b1"])
        {
            _servers.Add(name)
                .Tool(name[..1] + "_where", () => name)
                .Tool("both", () => name)
                .Tool("broken_" + name[..1], () => MemoryAnswer.Error(4711, "out of paper"))
                .Resource($"file:///{name[..1]}", () => name)
                .Prompt(name[..1] + "_ask", _ => name);
        }
        _host = await PoolHost.StartConnectedAsync(
            PoolHost.Settings("a1", "a2", "b1") with
            {
                Servers =
                [
                    .. PoolHost.Settings("a1", "a2", "b1").Servers.Select(server => server with { Group = server.Name[..1] }),
                ],
            },
            _servers);
    }

    public async Task DisposeAsync()
    {
        foreach (var open in Enumerable.Reverse(_open))
            await open.DisposeAsync();
        await _host.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Eras))]
    public async Task Lists_have_the_entries_of_all_groups_once(string revision)
    {
        var client = await ConnectAsync(revision);

        Assert.Equal(["a_where", "b_where", "broken_a", "broken_b"], (await client.ListToolsAsync()).Select(tool => tool.Name));
        Assert.Equal(["a_ask", "b_ask"], (await client.ListPromptsAsync()).Select(prompt => prompt.Name));
        Assert.Equal(["file:///a", "file:///b"], (await client.ListResourcesAsync()).Select(resource => resource.Uri));
        Assert.Empty(await client.ListResourceTemplatesAsync());
    }

    [Theory]
    [MemberData(nameof(Eras))]
    public async Task Calls_run_on_a_server_of_the_group(string revision)
    {
        var client = await ConnectAsync(revision);

        Assert.Equal("b1", TextOf(await client.CallToolAsync("b_where")));
        Assert.StartsWith("a", TextOf(await client.CallToolAsync("a_where")), StringComparison.Ordinal);
        Assert.Equal("b1", ((TextResourceContents)(await client.ReadResourceAsync("file:///b")).Contents[0]).Text);
        Assert.Equal("b1", ((TextContentBlock)(await client.GetPromptAsync("b_ask")).Messages[0].Content).Text);
    }

    [Theory]
    [MemberData(nameof(Eras))]
    public async Task Prefixed_entries_run_under_their_own_names(string revision)
    {
        var client = await ConnectAsync(revision, new GatewayOptions { Names = GatewayNaming.Prefixed });

        Assert.Contains("b_both", (await client.ListToolsAsync()).Select(tool => tool.Name));
        Assert.Equal("b1", TextOf(await client.CallToolAsync("b_both")));
        Assert.Equal("b1", ((TextResourceContents)(await client.ReadResourceAsync("b+file:///b")).Contents[0]).Text);
        Assert.Equal("b1", ((TextContentBlock)(await client.GetPromptAsync("b_b_ask")).Messages[0].Content).Text);
    }

    [Theory]
    [MemberData(nameof(Eras))]
    public async Task A_name_that_nobody_or_more_than_one_group_has_is_refused(string revision)
    {
        var client = await ConnectAsync(revision);

        var unknown = await Assert.ThrowsAsync<McpProtocolException>(async () => await client.CallToolAsync("nothing"));
        var conflict = await Assert.ThrowsAsync<McpProtocolException>(async () => await client.CallToolAsync("both"));

        Assert.Equal(McpErrorCode.InvalidParams, unknown.ErrorCode);
        Assert.Contains("Unknown tool: nothing", unknown.Message, StringComparison.Ordinal);
        Assert.Equal(McpErrorCode.InvalidParams, conflict.ErrorCode);
        Assert.Contains("several groups: a, b", conflict.Message, StringComparison.Ordinal);
        Assert.Equal(0, _servers["a1"].Received("both") + _servers["a2"].Received("both") + _servers["b1"].Received("both"));
    }

    [Theory]
    [InlineData("2025-11-25", -32002)]
    [InlineData("2026-07-28", -32602)]
    public async Task A_resource_that_nobody_has_is_an_error_of_the_era(string revision, int code)
    {
        var client = await ConnectAsync(revision);

        var error = await Assert.ThrowsAsync<McpProtocolException>(async () => await client.ReadResourceAsync("file:///none"));

        Assert.Equal(code, (int)error.ErrorCode);
    }

    [Theory]
    [MemberData(nameof(Eras))]
    public async Task An_error_of_a_server_arrives_as_it_is(string revision)
    {
        var client = await ConnectAsync(revision);

        var error = await Assert.ThrowsAsync<McpProtocolException>(async () => await client.CallToolAsync("broken_b"));

        Assert.Equal(4711, (int)error.ErrorCode);
        Assert.EndsWith("out of paper", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Eras))]
    public async Task A_tool_of_servers_that_are_down_stays_listed_and_its_call_is_a_result_that_says_that_it_did_not_run(string revision)
    {
        var client = await ConnectAsync(revision);
        _servers["b1"].Refuse();
        _servers["b1"].Disconnect();
        await _host.UntilAsync("b1", ServerStatus.Error);

        var result = await client.CallToolAsync("b_where");

        Assert.True(result.IsError);
        Assert.EndsWith("The call did not run.", TextOf(result), StringComparison.Ordinal);
        Assert.Equal("NoServerAvailable", (string)result.Meta!["mcp-actors/error"]!["kind"]!);
        Assert.Contains("b_where", (await client.ListToolsAsync()).Select(tool => tool.Name));
    }

    [Theory]
    [MemberData(nameof(Eras))]
    public async Task Unknown_members_of_results_and_definitions_arrive(string revision)
    {
        _servers["b1"].Method(
            "tools/call", _ => JsonNode.Parse("""{"content":[],"vendorExtra":{"big":12345678901234567890,"text":1.50}}"""));
        var client = await ConnectAsync(revision);

        var answer = await client.SendRequestAsync(
            new JsonRpcRequest
            {
                Method = "tools/call",
                Params = new JsonObject { ["name"] = "b_where", ["arguments"] = new JsonObject() },
            });

        Assert.Equal("""{"big":12345678901234567890,"text":1.50}""", answer.Result!["vendorExtra"]!.ToJsonString());
        Assert.Equal(revision == "2026-07-28", answer.Result is JsonObject result && result.ContainsKey("resultType"));
    }

    [Theory]
    [MemberData(nameof(Eras))]
    public async Task A_cancelled_call_is_cancelled_on_its_server(string revision)
    {
        var (begun, cancelled) = (new TaskCompletionSource(), new TaskCompletionSource());
        _servers["b1"].Tool("endless", async (_, cancellation) =>
        {
            using var registration = cancellation.Register(() => cancelled.TrySetResult());
            begun.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellation);
            return null;
        });
        var client = await ConnectAsync(revision);
        await UntilListedAsync(client, "endless");
        using var caller = new CancellationTokenSource();

        var call = client.CallToolAsync("endless", cancellationToken: caller.Token).AsTask();
        await begun.Task.WaitAsync(PoolHost.Patience, TimeProvider.System);
        await caller.CancelAsync();

        await cancelled.Task.WaitAsync(PoolHost.Patience, TimeProvider.System);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    [Fact]
    public async Task A_change_is_announced_to_a_session_of_the_legacy_era()
    {
        var announced = new TaskCompletionSource();
        var client = await ConnectAsync("2025-11-25");
        await client.ListToolsAsync();
        await using var registration = client.RegisterNotificationHandler(
            NotificationMethods.ToolListChangedNotification, (_, _) =>
            {
                announced.TrySetResult();
                return default;
            });

        _servers["b1"].Tool("new", () => "new");

        await announced.Task.WaitAsync(PoolHost.Patience, TimeProvider.System);
        Assert.Contains("new", (await client.ListToolsAsync()).Select(tool => tool.Name));
    }

    [Fact]
    public async Task A_change_is_announced_on_a_stream_that_listens()
    {
        var (acknowledged, announced) = (new TaskCompletionSource<JsonNode?>(), new TaskCompletionSource<JsonNode?>());
        var client = await ConnectAsync("2026-07-28");
        await client.ListToolsAsync();
        await using var first = Receive(client, NotificationMethods.SubscriptionsAcknowledgedNotification, acknowledged);
        await using var second = Receive(client, NotificationMethods.ToolListChangedNotification, announced);
        using var stop = new CancellationTokenSource();
        var listening = client.SendRequestAsync(
            new JsonRpcRequest
            {
                Id = new RequestId(77),
                Method = RequestMethods.SubscriptionsListen,
                Params = new JsonObject { ["notifications"] = new JsonObject { ["toolsListChanged"] = true } },
            },
            stop.Token);
        var granted = await acknowledged.Task.WaitAsync(PoolHost.Patience, TimeProvider.System);

        _servers["b1"].Tool("new", () => "new").Prompt("new", _ => "new");

        var news = await announced.Task.WaitAsync(PoolHost.Patience, TimeProvider.System);
        Assert.Equal("""{"toolsListChanged":true}""", granted!["notifications"]!.ToJsonString());
        Assert.Equal(77, (long)news!["_meta"]!["io.modelcontextprotocol/subscriptionId"]!);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => listening);
    }

    [Theory]
    [MemberData(nameof(Eras))]
    public async Task Own_tools_of_the_service_stand_beside_those_of_the_pool_and_win(string revision)
    {
        var own = new McpServerOptions
        {
            ToolCollection =
            [
                McpServerTool.Create(() => "own", new() { Name = "b_where" }), McpServerTool.Create(() => "own", new() { Name = "mine" }),
            ],
        };
        var client = await ConnectAsync(revision, server: own);

        var names = (await client.ListToolsAsync()).Select(tool => tool.Name).ToArray();

        Assert.Equal(["a_where", "b_where", "broken_a", "broken_b", "mine"], names.Order(StringComparer.Ordinal));
        Assert.Equal("own", TextOf(await client.CallToolAsync("b_where")));
        Assert.StartsWith("a", TextOf(await client.CallToolAsync("a_where")), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Eras))]
    public async Task A_long_list_comes_in_pages(string revision)
    {
        var client = await ConnectAsync(revision, new GatewayOptions { PageSize = 1 });

        Assert.Equal(["a_where", "b_where", "broken_a", "broken_b"], (await client.ListToolsAsync()).Select(tool => tool.Name));
        var error = await Assert.ThrowsAsync<McpProtocolException>(
            async () => await client.ListToolsAsync(new ListToolsRequestParams { Cursor = "?" }));
        Assert.Equal(McpErrorCode.InvalidParams, error.ErrorCode);
    }

    [Fact]
    public void Wrong_options_are_named_together()
    {
        var error = Assert.Throws<ArgumentException>(() => new McpServerOptions().UsePool(_host.Pool, new GatewayOptions
        {
            Separator = "/",
            PageSize = 0,
            ListWait = TimeSpan.FromDays(1),
            Quiet = TimeSpan.FromSeconds(-1),
            Aliases = new Dictionary<string, string> { ["x"] = "y" },
        }));

        foreach (var name in (string[])["Separator", "PageSize", "ListWait", "Quiet", "Aliases"])
            Assert.Contains(name, error.Message, StringComparison.Ordinal);
    }

    private async Task<McpClient> ConnectAsync(string revision, GatewayOptions? options = null, McpServerOptions? server = null)
    {
        var (toServer, toClient) = (new Pipe(), new Pipe());
        var running = McpServer.Create(
            new StreamServerTransport(toServer.Reader.AsStream(), toClient.Writer.AsStream()),
            (server ?? new McpServerOptions()).UsePool(_host.Pool, options));
        _ = running.RunAsync();
        _open.Add(running);
        var client = await McpClient.CreateAsync(
            new StreamClientTransport(toServer.Writer.AsStream(), toClient.Reader.AsStream()),
            new McpClientOptions { ProtocolVersion = revision });
        _open.Add(client);
        return client;
    }

    private static async Task UntilListedAsync(McpClient client, string tool)
    {
        using var patience = new CancellationTokenSource(PoolHost.Patience, TimeProvider.System);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(25));
        while ((await client.ListToolsAsync(cancellationToken: patience.Token)).All(listed => listed.Name != tool))
            await tick.WaitForNextTickAsync(patience.Token);
    }

    private static IAsyncDisposable Receive(McpClient client, string method, TaskCompletionSource<JsonNode?> received) =>
        client.RegisterNotificationHandler(method, (notification, _) =>
        {
            received.TrySetResult(notification.Params);
            return default;
        });

    private static string TextOf(CallToolResult result) => ((TextContentBlock)result.Content[0]).Text;
}
