using System.Text.Json;
using McpActors.Transports;
using Microsoft.Extensions.Time.Testing;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using Xunit;

namespace McpActors.Tests.Transports;

public sealed class MemoryServersTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new();
    private readonly MemoryServers _servers;
    private readonly MemoryServer _server;
    private McpClient _client = null!;

    public MemoryServersTests()
    {
        _servers = new MemoryServers(_time);
        _server = _servers.Add("primary-server").Tool("getData", () => new { source = "primary" });
    }

    public async Task InitializeAsync() => _client = await ConnectAsync();

    public async Task DisposeAsync() => await _client.DisposeAsync();

    [Fact]
    public async Task A_value_becomes_structured_content_and_text()
    {
        var result = await CallAsync("getData");

        Assert.Equal("primary", result.StructuredContent!.Value.GetProperty("source").GetString());
        Assert.Equal("""{"source":"primary"}""", Text(result));
    }

    [Fact]
    public async Task A_string_becomes_text()
    {
        _server.Tool("greet", call => $"hello {call["name"].GetString()}");

        Assert.Equal("hello Ada", Text(await CallAsync("greet", new() { ["name"] = "Ada" })));
    }

    [Fact]
    public async Task An_exception_becomes_an_internal_error_with_its_message()
    {
        _server.Tool("getData", () => throw new InvalidOperationException("Primary failed"));

        var error = await Assert.ThrowsAsync<McpProtocolException>(() => CallAsync("getData"));

        Assert.Equal(McpErrorCode.InternalError, error.ErrorCode);
        Assert.Contains("Primary failed", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_error_has_the_chosen_code()
    {
        _server.Tool("getData", () => MemoryAnswer.Error(-32050, "out of paper"));

        var error = await Assert.ThrowsAsync<McpProtocolException>(() => CallAsync("getData"));

        Assert.Equal(-32050, (int)error.ErrorCode);
    }

    [Fact]
    public async Task A_tool_error_is_a_result()
    {
        _server.Tool("getData", () => MemoryAnswer.ToolError("no such city"));

        var result = await CallAsync("getData");

        Assert.True(result.IsError);
        Assert.Equal("no such city", Text(result));
    }

    [Fact]
    public async Task A_delayed_answer_follows_the_clock()
    {
        var isAsked = new TaskCompletionSource();
        _server.Tool("getData", () =>
        {
            isAsked.SetResult();
            return MemoryAnswer.After(TimeSpan.FromSeconds(10), "late");
        });
        var pending = CallAsync("getData");
        await isAsked.Task.WaitAsync(Eventually.Guard);
        Assert.False(pending.IsCompleted);

        await Eventually.TrueAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(10));
                return pending.IsCompleted;
            },
            "the delay ends");

        Assert.Equal("late", Text(await pending));
    }

    [Fact]
    public async Task A_call_that_is_never_answered_ends_when_it_is_cancelled()
    {
        _server.Tool("getData", () => MemoryAnswer.Never);
        using var cancel = new CancellationTokenSource();
        var pending = _client.CallToolAsync("getData", cancellationToken: cancel.Token).AsTask();
        await Eventually.TrueAsync(() => _server.Received("getData") == 1, "the server has the call");

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pending.WaitAsync(Eventually.Guard));
    }

    [Fact]
    public async Task Calls_are_counted_and_kept_with_their_arguments()
    {
        await CallAsync("getData", new() { ["id"] = 7 });
        await CallAsync("getData", new() { ["id"] = 8 });

        Assert.Equal(2, _server.Received("getData"));
        Assert.Equal([7, 8], _server.Calls.Where(c => c.Name == "getData").Select(c => c["id"].GetInt32()));
    }

    [Fact]
    public async Task Only_the_last_calls_are_kept()
    {
        for (var i = 0; i <= MemoryServer.RememberedCalls; i++)
            await CallAsync("getData", new() { ["id"] = i });

        Assert.Equal(MemoryServer.RememberedCalls, _server.Calls.Count);
        Assert.Equal(1, _server.Calls[0]["id"].GetInt32());
        Assert.Equal(MemoryServer.RememberedCalls + 1, _server.Received("getData"));
    }

    [Fact]
    public async Task A_handler_changes_while_connected()
    {
        await CallAsync("getData");

        _server.Tool("getData", () => "changed");

        Assert.Equal("changed", Text(await CallAsync("getData")));
    }

    [Fact]
    public async Task An_older_client_is_notified_of_a_new_tool()
    {
        _server.ProtocolVersion = "2025-11-25";
        await using var client = await ConnectAsync();
        var isTold = new TaskCompletionSource();
        await using var handler = client.RegisterNotificationHandler(
            NotificationMethods.ToolListChangedNotification, (_, _) =>
            {
                isTold.TrySetResult();
                return default;
            });

        _server.Tool("another", () => "one more");

        await isTold.Task.WaitAsync(Eventually.Guard);
        Assert.Contains(await client.ListToolsAsync(), t => t.Name == "another");
    }

    [Fact]
    public async Task A_removed_tool_is_unknown()
    {
        _server.RemoveTool("getData");

        var error = await Assert.ThrowsAsync<McpProtocolException>(() => CallAsync("getData"));

        Assert.Equal(McpErrorCode.InvalidParams, error.ErrorCode);
    }

    [Fact]
    public async Task A_tool_has_its_description_and_hints()
    {
        var schema = JsonElement.Parse("""{"type":"object","properties":{"id":{"type":"integer"}}}""");
        _server.Tool("read", () => null, new() { Description = "reads", InputSchema = schema, ReadOnly = true, Idempotent = false });

        var tool = (await _client.ListToolsAsync()).Single(t => t.Name == "read").ProtocolTool;

        Assert.Equal("reads", tool.Description);
        Assert.Equal("integer", tool.InputSchema.GetProperty("properties").GetProperty("id").GetProperty("type").GetString());
        var hints = tool.Annotations!;
        Assert.Equal((true, false, (bool?)null), (hints.ReadOnlyHint, hints.IdempotentHint, hints.DestructiveHint));
    }

    [Fact]
    public async Task A_method_is_answered_by_its_handler_until_that_is_removed()
    {
        _server.ProtocolVersion = "2025-11-25";
        await using var client = await ConnectAsync();
        _server.Method("ping", _ => MemoryAnswer.Error(-32603, "unwell"));
        var error = await Assert.ThrowsAsync<McpProtocolException>(() => client.PingAsync().AsTask());

        _server.RemoveMethod("ping");

        Assert.Contains("unwell", error.Message, StringComparison.Ordinal);
        Assert.NotNull(await client.PingAsync());
        Assert.Equal(2, _server.Received("ping"));
    }

    [Fact]
    public async Task The_handler_of_a_method_gives_its_result()
    {
        _server.Method("vendor/sum", call => new { sum = call["a"].GetInt32() + call["b"].GetInt32() });

        var response = await _client.SendRequestAsync(
            new JsonRpcRequest { Method = "vendor/sum", Params = JsonSerializer.SerializeToNode(new { a = 2, b = 3 }) });

        Assert.Equal(5, response.Result!["sum"]!.GetValue<int>());
    }

    [Fact]
    public async Task A_resource_is_listed_and_read()
    {
        _server.Resource("test://greeting", () => "hello");

        var content = Assert.IsType<TextResourceContents>(Assert.Single((await _client.ReadResourceAsync("test://greeting")).Contents));

        Assert.Equal("test://greeting", Assert.Single(await _client.ListResourcesAsync()).Uri);
        Assert.Equal("hello", content.Text);
    }

    [Fact]
    public async Task A_prompt_is_listed_and_read()
    {
        _server.Prompt("greet", call => $"Greet {call["name"].GetString()}.");

        var message = Assert.Single((await _client.GetPromptAsync("greet", new Dictionary<string, object?> { ["name"] = "Ada" })).Messages);

        Assert.Equal("greet", Assert.Single(await _client.ListPromptsAsync()).Name);
        Assert.Equal("Greet Ada.", Assert.IsType<TextContentBlock>(message.Content).Text);
    }

    [Fact]
    public async Task Disconnecting_ends_pending_calls_and_accepts_new_connections()
    {
        _server.Tool("getData", () => MemoryAnswer.Never);
        var pending = CallAsync("getData");
        await Eventually.TrueAsync(() => _server.Received("getData") == 1, "the server has the call");

        _server.Disconnect();

        await Assert.ThrowsAsync<ClientTransportClosedException>(() => pending);
        await using var again = await ConnectAsync();
        Assert.NotEmpty(await again.ListToolsAsync());
    }

    [Fact]
    public async Task After_disconnecting_a_call_is_known_not_to_have_been_sent()
    {
        _server.Disconnect();

        await Assert.ThrowsAsync<MessageNotSentException>(() => CallAsync("getData"));
    }

    [Fact]
    public async Task A_refusing_server_refuses_connections_until_it_accepts()
    {
        _server.Refuse();
        await Assert.ThrowsAsync<MessageNotSentException>(ConnectAsync);

        _server.Accept();

        await using var again = await ConnectAsync();
        Assert.NotEmpty(await again.ListToolsAsync());
    }

    [Fact]
    public async Task A_closed_connection_is_not_counted_any_more()
    {
        Assert.Equal(1, _server.Connections);

        await _client.DisposeAsync();

        Assert.Equal(0, _server.Connections);
    }

    [Fact]
    public void Names_are_found_in_any_case() => Assert.Same(_server, _servers["Primary-Server"]);

    [Fact]
    public void A_name_is_given_once()
    {
        var error = Assert.Throws<ArgumentException>(() => _servers.Add("Primary-Server"));

        Assert.Contains("primary-server", error.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("a:1")]
    [InlineData("")]
    public void A_name_that_is_not_a_host_is_refused(string name) => Assert.Throws<ArgumentException>(() => _servers.Add(name));

    [Theory]
    [InlineData("my_server")]
    [InlineData("server.1")]
    [InlineData("Server-1")]
    public void A_name_that_settings_allow_is_accepted(string name) => Assert.Equal(name, _servers.Add(name).Name);

    [Theory]
    [InlineData("2024-11-05")]
    [InlineData("2025-11-25")]
    [InlineData("2026-07-28")]
    public async Task Speaks_the_revision_it_is_pinned_to(string revision)
    {
        _server.ProtocolVersion = revision;

        await using var client = await ConnectAsync();

        Assert.Equal(revision, client.NegotiatedProtocolVersion);
    }

    // Long enough that a slow answer is not mistaken for an older revision.
    private Task<McpClient> ConnectAsync() => McpClient.CreateAsync(
        _servers.CreateTransport("primary-server"),
            new McpClientOptions { InitializationTimeout = Eventually.Guard, DiscoverProbeTimeout = Eventually.Guard })
        .WaitAsync(Eventually.Guard);

    private Task<CallToolResult> CallAsync(string tool, Dictionary<string, object?>? arguments = null) =>
        _client.CallToolAsync(tool, arguments).AsTask().WaitAsync(Eventually.Guard);

    private static string Text(CallToolResult result) => ((TextContentBlock)Assert.Single(result.Content)).Text;
}
