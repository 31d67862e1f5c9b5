using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using McpActors.Connections;
using McpActors.Transports;
using Microsoft.Extensions.Time.Testing;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using Xunit;

namespace McpActors.Tests.Transports;

/// <summary>The budget around a connection whose other end is the test.</summary>
public sealed class BudgetedTransportTests
{
    private readonly FakeConnection _connection = new();
    private readonly BudgetedTransport _transport;

    public BudgetedTransportTests() => _transport = new BudgetedTransport(_connection, new InboundBudget(10_000, new FakeTimeProvider()));

    [Fact]
    public async Task A_request_that_waits_is_read_once_another_has_been_answered()
    {
        for (var i = 0; i < 9; i++)
            _connection.Receive(Request(i));
        for (var i = 0; i < 8; i++)
            Assert.Equal(new RequestId(i), await ReadIdAsync());
        var ninth = ReadIdAsync();
        Assert.False(ninth.IsCompleted);

        await _transport.SendMessageAsync(new JsonRpcResponse { Id = new RequestId(2), Result = null });

        Assert.Equal(new RequestId(8), await ninth);
    }

    [Fact]
    public async Task Other_messages_are_read_while_requests_wait()
    {
        for (var i = 0; i < 12; i++)
            _connection.Receive(Request(i));
        for (var i = 0; i < 8; i++)
            await ReadIdAsync();
        var next = _transport.MessageReader.ReadAsync().AsTask();

        _connection.Receive(new JsonRpcNotification { Method = "notifications/message" });

        Assert.IsType<JsonRpcNotification>(await next.WaitAsync(Eventually.Guard));
    }

    [Fact]
    public async Task Too_many_requests_end_the_connection_with_words()
    {
        for (var i = 0; i < 100; i++)
            _connection.Receive(Request(i));
        for (var i = 0; i < 8; i++)
            await ReadIdAsync();

        var closed = await Assert.ThrowsAsync<ClientTransportClosedException>(async () =>
        {
            while (await _transport.MessageReader.WaitToReadAsync())
                _transport.MessageReader.TryRead(out _);
        });

        Assert.Contains("8 are handled at a time", CompletionWords.Of(closed.Details), StringComparison.Ordinal);
        Assert.True(_connection.IsDisposed);
        await Assert.ThrowsAsync<ClientTransportClosedException>(() => _transport.MessageReader.Completion.WaitAsync(Eventually.Guard));
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":7,"result":{"content":[],"\ud800":1}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":7,"result":{"content":[],"_meta":{"\udc00":1}}}""")]
    public async Task A_result_that_cannot_be_looked_into_is_an_error_and_the_next_one_is_read(string answer)
    {
        await ExpectAsync(7, 8);
        _connection.Receive(Read(answer));
        _connection.Receive(Read("""{"jsonrpc":"2.0","id":8,"result":{}}"""));

        var error = Assert.IsType<JsonRpcError>(await ReadAsync());
        Assert.Equal((new RequestId(7), StandIn.Unreadable), (error.Id, error.Error.Code));
        Assert.Equal(new RequestId(8), Assert.IsType<JsonRpcResponse>(await ReadAsync()).Id);
    }

    [Theory]
    [InlineData("""{"content":[1],"content":[2],"a":{"b":1,"b":2}}""", """{"content":[2],"a":{"b":2}}""")]
    [InlineData("""{"isError":true,"_meta":1,"isError":false,"_meta":{"a":1,"a":2}}""", """{"isError":false,"_meta":{"a":2}}""")]
    [InlineData("""{"_meta":{"a":1,"a":{"b":1,"b":2}}}""", """{"_meta":{"a":{"b":1,"b":2}}}""")]
    public async Task Of_members_with_the_same_name_the_last_one_counts(string result, string understood)
    {
        await ExpectAsync(7);
        _connection.Receive(Read($$"""{"jsonrpc":"2.0","id":7,"result":{{result}}}"""));
        _connection.Receive(Read($$"""{"jsonrpc":"2.0","id":1,"method":"roots/list","params":{{result}}}"""));
        _connection.Receive(Read($$"""{"jsonrpc":"2.0","method":"notifications/message","params":{{result}}}"""));

        Assert.Equal(understood, Assert.IsType<JsonRpcResponse>(await ReadAsync()).Result!.ToJsonString());
        Assert.Equal(understood, Assert.IsType<JsonRpcRequest>(await ReadAsync()).Params!.ToJsonString());
        Assert.Equal(understood, Assert.IsType<JsonRpcNotification>(await ReadAsync()).Params!.ToJsonString());
    }

    [Fact]
    public async Task Requests_that_are_nested_deep_wait_as_others_do()
    {
        var deep = $$"""{"a":{{new string('[', 400)}}{{new string(']', 400)}}}""";
        for (var i = 0; i < 9; i++)
            _connection.Receive(Read($$"""{"jsonrpc":"2.0","id":{{i}},"method":"roots/list","params":{{deep}}}"""));
        for (var i = 0; i < 8; i++)
            await ReadIdAsync();
        var ninth = ReadIdAsync();

        await _transport.SendMessageAsync(new JsonRpcResponse { Id = new RequestId(2), Result = null });

        Assert.Equal(new RequestId(8), await ninth);
    }

    [Fact]
    public async Task A_message_that_cannot_be_handled_ends_the_connection_with_words()
    {
        JsonNode deep = new JsonArray();
        for (var i = 0; i < 2000; i++)
            deep = new JsonArray(deep);
        for (var i = 0; i < 8; i++)
            _connection.Receive(Request(i));
        _connection.Receive(new JsonRpcRequest { Id = new RequestId(8), Method = "roots/list", Params = deep });
        for (var i = 0; i < 8; i++)
            await ReadIdAsync();

        var closed = await Assert.ThrowsAsync<ClientTransportClosedException>(ReadIdAsync);

        Assert.Contains("A message of the server could not be handled", CompletionWords.Of(closed.Details), StringComparison.Ordinal);
        Assert.True(_connection.IsDisposed);
        await Assert.ThrowsAsync<ClientTransportClosedException>(() => _transport.MessageReader.Completion.WaitAsync(Eventually.Guard));
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"\ud800":1}}""")]
    [InlineData("""{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"\ud800"}}""")]
    public async Task A_message_of_the_server_that_cannot_be_looked_into_ends_nothing(string message)
    {
        await ExpectAsync(8);
        _connection.Receive(Read(message));
        _connection.Receive(Read("""{"jsonrpc":"2.0","id":8,"result":{}}"""));

        await ReadAsync();
        Assert.Equal(new RequestId(8), Assert.IsType<JsonRpcResponse>(await ReadAsync()).Id);
    }

    [Fact]
    public async Task Only_a_message_that_somebody_waits_for_fails_when_the_connection_has_ended()
    {
        _connection.Failure = new MessageNotSentException("closed");

        await _transport.SendMessageAsync(new JsonRpcResponse { Id = new RequestId(1), Result = null });
        await _transport.SendMessageAsync(new JsonRpcError { Id = new RequestId(1), Error = new() { Code = 1, Message = "no" } });
        await _transport.SendMessageAsync(new JsonRpcNotification { Method = NotificationMethods.CancelledNotification });

        await Assert.ThrowsAsync<MessageNotSentException>(() => _transport.SendMessageAsync(Request(1)));
        await Assert.ThrowsAsync<MessageNotSentException>(
            () => _transport.SendMessageAsync(new JsonRpcNotification { Method = NotificationMethods.InitializedNotification }));
    }

    [Fact]
    public async Task The_end_of_the_connection_is_passed_on()
    {
        _connection.Receive(new JsonRpcNotification { Method = "notifications/message" });
        _connection.End();

        Assert.IsType<JsonRpcNotification>(await _transport.MessageReader.ReadAsync());
        Assert.False(await _transport.MessageReader.WaitToReadAsync());
        await _transport.MessageReader.Completion.WaitAsync(Eventually.Guard);
    }

    private static JsonRpcRequest Request(int id) => new() { Id = new RequestId(id), Method = "roots/list" };

    private async Task<RequestId> ReadIdAsync() =>
        Assert.IsType<JsonRpcRequest>(await _transport.MessageReader.ReadAsync().AsTask().WaitAsync(Eventually.Guard)).Id;

    private async Task ExpectAsync(params int[] ids)
    {
        foreach (var id in ids)
            await _transport.SendMessageAsync(Request(id));
    }

    private Task<JsonRpcMessage> ReadAsync() => _transport.MessageReader.ReadAsync().AsTask().WaitAsync(Eventually.Guard);

    private static JsonRpcMessage Read(string message) => JsonSerializer.Deserialize<JsonRpcMessage>(message, McpJson.Options)!;

    private sealed class FakeConnection : ITransport
    {
        private readonly Channel<JsonRpcMessage> _channel = Channel.CreateUnbounded<JsonRpcMessage>();

        public string? SessionId => null;

        public bool IsDisposed { get; private set; }

        public Exception? Failure { get; set; }

        public ChannelReader<JsonRpcMessage> MessageReader => _channel.Reader;

        public void Receive(JsonRpcMessage message) => _channel.Writer.TryWrite(message);

        public void End() => _channel.Writer.TryComplete();

        public Task SendMessageAsync(JsonRpcMessage message, CancellationToken cancellationToken = default) =>
            Failure is null ? Task.CompletedTask : Task.FromException(Failure);

        public ValueTask DisposeAsync()
        {
            IsDisposed = true;
            return ValueTask.CompletedTask;
        }
    }
}
