using System.Text.Json.Nodes;
using McpActors.Configuration;
using McpActors.TestServer;
using McpActors.Transports;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using Xunit;

namespace McpActors.Tests.Transports;

/// <summary>A running contract server and its settings.</summary>
public abstract class ContractEndpoint : IAsyncDisposable
{
    internal MemoryServers Memory { get; } = new();

    public abstract ServerSettings Settings { get; }

    /// <summary>An address that nothing answers.</summary>
    public abstract ServerSettings Nowhere { get; }

    /// <summary>Ends the server as a crash would.</summary>
    public abstract Task KillAsync();

    public abstract ValueTask DisposeAsync();
}

/// <summary>The contract of every transport.</summary>
public abstract class TransportContract : IAsyncLifetime
{
    private const string Newest = "2026-07-28";

    private ContractEndpoint _endpoint = null!;
    private Connection _connection = null!;

    private protected McpClient Client => _connection.Client;

    private protected ContractEndpoint Endpoint => _endpoint;

    public async Task InitializeAsync()
    {
        _endpoint = await StartAsync();
        _connection = await ConnectAsync();
    }

    public async Task DisposeAsync()
    {
        await _connection.DisposeAsync();
        await _endpoint.DisposeAsync();
    }

    [Fact]
    public async Task Lists_the_tools()
    {
        var tools = await Client.ListToolsAsync().AsTask().WaitAsync(Eventually.Guard);

        Assert.Equal(ContractServer.Tools.Order(), tools.Select(t => t.Name).Order());
    }

    [Fact]
    public void Negotiates_a_revision() => Assert.Equal(Revision, Client.NegotiatedProtocolVersion);

    [Fact]
    public async Task Answers_a_call() => Assert.Equal("héllo ☃", await CallAsync("echo", new() { ["text"] = "héllo ☃" }));

    [Fact]
    public async Task Reports_a_json_rpc_error_with_its_code()
    {
        var error = await Assert.ThrowsAsync<McpProtocolException>(() => CallAsync("reject"));

        Assert.Equal(McpErrorCode.InvalidParams, error.ErrorCode);
        Assert.Contains("not these arguments", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reports_a_tool_error_as_a_result()
    {
        var result = await Client.CallToolAsync("toolError").AsTask().WaitAsync(Eventually.Guard);

        Assert.True(result.IsError);
    }

    [Fact]
    public async Task Answers_each_of_a_hundred_parallel_calls_with_its_own_result()
    {
        var texts = Enumerable.Range(0, 100).Select(i => $"call {i}").ToList();

        var results = await Task.WhenAll(texts.Select(t => CallAsync("echo", new() { ["text"] = t })));

        Assert.Equal(texts, results);
    }

    [Fact]
    public async Task Carries_three_megabytes_to_the_server() =>
        Assert.Equal("3000000", await CallAsync("size", new() { ["text"] = new string('y', 3_000_000) }));

    [Fact]
    public async Task Carries_three_megabytes_from_the_server() =>
        Assert.Equal(3_000_000, (await CallAsync("repeat", new() { ["count"] = 3_000_000 })).Length);

    [Fact]
    public async Task A_cancelled_call_is_cancelled_on_the_server()
    {
        using var cancel = new CancellationTokenSource();
        var id = new RequestId("waiting");
        var pending = Client.SendRequestAsync(
            new JsonRpcRequest { Id = id, Method = RequestMethods.ToolsCall, Params = new JsonObject { ["name"] = "wait" } }, cancel.Token);
        await ServerCountsAsync("1 0");

        await cancel.CancelAsync();
        if (CancelNeedsANotification)
        {
            await Client.SendNotificationAsync(
                NotificationMethods.CancelledNotification, new CancelledNotificationParams { RequestId = id });
        }

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pending.WaitAsync(Eventually.Guard));
        await ServerCountsAsync("1 1");
    }

    [Fact]
    public async Task A_server_that_goes_away_ends_the_pending_calls()
    {
        var pending = CallAsync("wait");
        await ServerCountsAsync("1 0");

        await _endpoint.KillAsync();

        var error = await Assert.ThrowsAnyAsync<Exception>(() => pending);
        Assert.IsNotType<TimeoutException>(error);
    }

    [Fact]
    public async Task Closes_while_a_call_is_pending()
    {
        var pending = CallAsync("wait");
        await ServerCountsAsync("1 0");

        await _connection.DisposeAsync().AsTask().WaitAsync(Eventually.Guard);

        Assert.IsNotType<TimeoutException>(await Assert.ThrowsAnyAsync<Exception>(() => pending));
    }

    [Fact]
    public async Task Connects_again_with_a_fresh_transport()
    {
        await _connection.DisposeAsync();

        await using var again = await ConnectAsync();

        Assert.Equal("again", await CallAsync(again.Client, "echo", new() { ["text"] = "again" }));
    }

    [Fact]
    public async Task Reports_an_address_that_nothing_answers()
    {
        var transport = Create(_endpoint.Nowhere);
        await using var owned = transport as IAsyncDisposable;

        var error = await Record.ExceptionAsync(() => McpClient.CreateAsync(transport).WaitAsync(Eventually.Guard));

        AssertNotConnected(Assert.IsAssignableFrom<Exception>(error));
    }

    protected abstract string Revision { get; }

    /// <summary>
    /// Streamable HTTP to an older server, where closing the request is not a cancellation, and the SDK sends no notification.
    /// </summary>
    protected virtual bool CancelNeedsANotification => false;

    protected abstract Task<ContractEndpoint> StartAsync();

    /// <summary>This error proves to the pool that nothing was sent.</summary>
    protected abstract void AssertNotConnected(Exception error);

    private protected IClientTransport Create(ServerSettings server) =>
        new TransportFactory(_endpoint.Memory, new PoolSettings { CloseTimeout = TimeSpan.FromSeconds(4) }, logs: null)
            .Create(server, new CurrentRedactor());

    private protected async Task<Connection> ConnectAsync()
    {
        var transport = Create(_endpoint.Settings);
        var options = new McpClientOptions { InitializationTimeout = Eventually.Guard };
        // Long enough that a slow start is not mistaken for an older revision, whose servers need not answer.
        if (Revision == Newest)
            options.DiscoverProbeTimeout = Eventually.Guard;

        return new Connection(await McpClient.CreateAsync(transport, options).WaitAsync(Eventually.Guard), transport);
    }

    private protected Task<string> CallAsync(string tool, Dictionary<string, object?>? arguments = null) =>
        CallAsync(Client, tool, arguments);

    private protected static async Task<string> CallAsync(McpClient client, string tool, Dictionary<string, object?>? arguments = null)
    {
        var result = await client.CallToolAsync(tool, arguments).AsTask().WaitAsync(Eventually.Guard);
        return ((TextContentBlock)Assert.Single(result.Content)).Text;
    }

    private Task ServerCountsAsync(string counts) =>
        Eventually.TrueAsync(async () => await CallAsync("counts") == counts, $"the server counts {counts} calls waiting and cancelled");

    private protected sealed record Connection(McpClient Client, IClientTransport Transport) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Client.DisposeAsync();
            if (Transport is IAsyncDisposable owned)
                await owned.DisposeAsync();
        }
    }
}
