using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using McpActors.Connections;
using McpActors.Transports;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using Xunit;

namespace McpActors.Tests.Transports;

/// <summary>The frames: two sockets over a pair of streams, with the test at the other end.</summary>
public sealed class WebSocketTransportTests : IAsyncDisposable
{
    private readonly WebSocket _other;
    private readonly WebSocketTransport _transport;

    public WebSocketTransportTests() => (_other, _transport) = Connect(TimeSpan.FromMilliseconds(200));

    public async ValueTask DisposeAsync()
    {
        await _transport.DisposeAsync();
        _other.Dispose();
    }

    [Fact]
    public async Task Assembles_a_message_that_arrives_in_fragments()
    {
        foreach (var (part, isLast) in Answer("1", "hello").Chunk(5).Select(c => (c, c.Length < 5)).Append(([], true)))
            await _other.SendAsync(part, WebSocketMessageType.Text, isLast, CancellationToken.None);

        Assert.Equal("hello", Result(await ReadAsync()));
    }

    [Theory]
    [InlineData("{ this is not json")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("")]
    [InlineData("""{"jsonrpc":"2.0"}""")]
    public async Task Drops_a_malformed_frame_and_continues(string frame)
    {
        await SendAsync(Encoding.UTF8.GetBytes(frame));
        await SendAsync(Answer("2", "next"));

        Assert.Equal("next", Result(await ReadAsync()));
    }

    [Theory]
    [InlineData("1.5")]
    [InlineData("123456789012345678901234567890")]
    [InlineData("\"a\"")]
    public async Task The_answer_to_a_request_has_its_id_as_it_came(string id)
    {
        await SendAsync(Encoding.UTF8.GetBytes($"{{\"jsonrpc\":\"2.0\",\"id\":{id},\"method\":\"ping\"}}"));
        var request = Assert.IsType<JsonRpcRequest>(await ReadAsync());

        await _transport.SendMessageAsync(new JsonRpcResponse { Id = request.Id, Result = new JsonObject() });

        var frame = new byte[1000];
        var length = (await _other.ReceiveAsync(frame, CancellationToken.None)).Count;
        Assert.Equal(id, JsonNode.Parse(frame.AsSpan(0, length))!["id"]!.ToJsonString());
    }

    [Theory]
    [InlineData(true, "was closed by this side")]
    [InlineData(false, "was closed by the server (PolicyViolation: enough)")]
    public async Task The_side_that_closed_is_named(bool byThisSide, string words)
    {
        var closing = byThisSide
            ? _transport.DisposeAsync().AsTask()
            : _other.CloseOutputAsync(WebSocketCloseStatus.PolicyViolation, "enough", CancellationToken.None);
        var frame = await _other.ReceiveAsync(new byte[100], CancellationToken.None);
        Assert.Equal(WebSocketMessageType.Close, frame.MessageType);
        if (byThisSide)
            await _other.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        await closing;

        var end = await Assert.ThrowsAsync<ClientTransportClosedException>(() => _transport.MessageReader.Completion);

        Assert.Contains(words, CompletionWords.Of(end.Details), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_over_the_limit_fails_only_its_own_call()
    {
        await SendAsync(Answer("big", new string('x', 300_000)));
        await SendAsync(Answer("small", "fits"));

        var error = Assert.IsType<JsonRpcError>(await ReadAsync());
        Assert.Equal(new RequestId("big"), error.Id);
        Assert.Equal(MessageLimits.TooLarge, error.Error.Code);
        Assert.Contains(
            $"larger than the limit of {MessageLimits.WithoutEnvelope(100_000)} bytes (max-result-size)",
            error.Error.Message,
            StringComparison.Ordinal);
        Assert.Equal("fits", Result(await ReadAsync()));
    }

    [Fact]
    public async Task A_close_within_a_message_over_the_limit_is_answered_and_ends_the_connection()
    {
        var (other, transport) = Connect(Eventually.Guard);
        using var owned = other;
        await other.SendAsync(Answer("big", new string('x', 300_000)), WebSocketMessageType.Text, false, CancellationToken.None);

        await other.CloseOutputAsync(WebSocketCloseStatus.EndpointUnavailable, "going down", CancellationToken.None);

        var frame = await other.ReceiveAsync(new byte[16], CancellationToken.None).WaitAsync(Eventually.Guard);
        Assert.Equal(WebSocketMessageType.Close, frame.MessageType);
        await Assert.ThrowsAsync<ClientTransportClosedException>(() => transport.MessageReader.Completion.WaitAsync(Eventually.Guard));
        await transport.DisposeAsync();
    }

    [Fact]
    public async Task A_message_that_does_not_end_ends_the_connection()
    {
        var part = Encoding.UTF8.GetBytes(new string('x', 100_000));
        for (var i = 0; i < MessageLimits.MostSkipped + 2; i++)
            await _other.SendAsync(part, WebSocketMessageType.Text, endOfMessage: false, CancellationToken.None);

        var closed = await Assert.ThrowsAsync<ClientTransportClosedException>(
            () => _transport.MessageReader.Completion.WaitAsync(Eventually.Guard));

        Assert.Contains("the limit is 100000 bytes", CompletionWords.Of(closed.Details), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_over_the_limit_is_answered_with_an_error()
    {
        await SendAsync(Encoding.UTF8.GetBytes(
            $$$"""{"jsonrpc":"2.0","method":"tools/call","params":{"x":"{{{new string('x', 300_000)}}}"},"id":12}"""));

        var answer = JsonNode.Parse(await OtherReadsAsync())!;

        Assert.Equal(12, answer["id"]!.GetValue<int>());
        Assert.Equal(-32600, answer["error"]!["code"]!.GetValue<int>());
    }

    [Fact]
    public async Task A_message_over_the_limit_is_not_sent()
    {
        var parameters = new JsonObject { ["text"] = new string('x', 2_000) };
        var request = new JsonRpcRequest { Id = new RequestId(1), Method = "x", Params = parameters };

        await Assert.ThrowsAsync<RequestTooLargeException>(() => _transport.SendMessageAsync(request));
    }

    [Fact]
    public async Task A_cancelled_send_does_not_cut_the_message_of_another()
    {
        using var cancel = new CancellationTokenSource();
        await cancel.CancelAsync();
        var request = new JsonRpcRequest { Id = new RequestId(1), Method = "x" };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _transport.SendMessageAsync(request, cancel.Token));

        await _transport.SendMessageAsync(request);

        Assert.Equal("x", JsonNode.Parse(await OtherReadsAsync())!["method"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_close_by_the_server_carries_its_code_and_reason()
    {
        await _other.CloseOutputAsync(WebSocketCloseStatus.EndpointUnavailable, "going down", CancellationToken.None);

        var closed = await Assert.ThrowsAsync<ClientTransportClosedException>(
            () => _transport.MessageReader.Completion.WaitAsync(Eventually.Guard));

        var details = Assert.IsType<WebSocketCompletionDetails>(closed.Details);
        Assert.Equal((WebSocketCloseStatus.EndpointUnavailable, "going down"), (details.CloseStatus, details.CloseDescription));
    }

    [Fact]
    public async Task A_connection_that_breaks_is_described_without_the_states_of_the_runtime()
    {
        _other.Abort();

        var closed = await Assert.ThrowsAsync<ClientTransportClosedException>(
            () => _transport.MessageReader.Completion.WaitAsync(Eventually.Guard));

        Assert.Equal("the server ended the connection without closing it properly", CompletionWords.Of(closed.Details));
    }

    [Fact]
    public async Task After_the_end_a_message_is_known_not_to_have_been_sent()
    {
        _other.Abort();
        await _transport.Completion.WaitAsync(Eventually.Guard);

        await Assert.ThrowsAsync<MessageNotSentException>(() => _transport.SendMessageAsync(new JsonRpcNotification { Method = "x" }));
    }

    [Fact]
    public async Task Closing_does_not_wait_for_a_server_that_does_not_answer()
    {
        await _transport.DisposeAsync().AsTask().WaitAsync(Eventually.Guard);

        Assert.False(_transport.IsConnected);
    }

    [Fact]
    public async Task Closing_sends_a_close_frame()
    {
        // With too short a time limit no frame would be sent.
        var (other, transport) = Connect(Eventually.Guard);
        using var owned = other;
        var closing = transport.DisposeAsync();

        var frame = await other.ReceiveAsync(new byte[16], CancellationToken.None).WaitAsync(Eventually.Guard);

        Assert.Equal((WebSocketMessageType.Close, WebSocketCloseStatus.NormalClosure), (frame.MessageType, frame.CloseStatus));
        await other.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        await closing;
    }

    private static (WebSocket Other, WebSocketTransport Transport) Connect(TimeSpan closeTimeout)
    {
        var (near, far) = DuplexStream.Pair();
        var other = WebSocket.CreateFromStream(far, new WebSocketCreationOptions { IsServer = true });
        var options = new WebSocketTransportOptions
        {
            Name = "the server",
            MaxReceiveSize = 100_000,
            MaxSendSize = 1_000,
            CloseTimeout = closeTimeout,
        };
        var socket = WebSocket.CreateFromStream(near, new WebSocketCreationOptions());
        return (other, new WebSocketTransport(socket, options, logs: null, isClient: true));
    }

    private static byte[] Answer(string id, string text) =>
        JsonSerializer.SerializeToUtf8Bytes(new { jsonrpc = "2.0", result = new { text }, id });

    private static string Result(JsonRpcMessage message) => Assert.IsType<JsonRpcResponse>(message).Result!["text"]!.GetValue<string>();

    private Task SendAsync(byte[] frame) =>
        _other.SendAsync(frame, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None).WaitAsync(Eventually.Guard);

    private Task<JsonRpcMessage> ReadAsync() => _transport.MessageReader.ReadAsync().AsTask().WaitAsync(Eventually.Guard);

    private async Task<string> OtherReadsAsync()
    {
        var buffer = new byte[16 * 1024];
        var frame = await _other.ReceiveAsync(buffer, CancellationToken.None).WaitAsync(Eventually.Guard);
        Assert.True(frame.EndOfMessage);
        return Encoding.UTF8.GetString(buffer, 0, frame.Count);
    }
}
