using System.Threading.Channels;
using McpActors.Transports;
using ModelContextProtocol.Protocol;
using Xunit;

namespace McpActors.Tests.Transports;

public sealed class ChangedMessagesTests
{
    private readonly Channel<JsonRpcMessage> _connection = Channel.CreateUnbounded<JsonRpcMessage>();

    [Fact]
    public async Task An_exception_costs_its_message_and_no_other()
    {
        var messages = new ChangedMessages(_connection.Reader, _ => throw new NotSupportedException("never seen"));
        JsonRpcMessage[] sent =
        [
            new JsonRpcResponse { Id = new RequestId(7), Result = null },
            new JsonRpcError { Id = new RequestId(8), Error = new() { Code = 1, Message = "no" } },
            new JsonRpcNotification { Method = "notifications/message" },
        ];
        foreach (var message in sent)
            _connection.Writer.TryWrite(message);
        _connection.Writer.Complete();

        var read = await messages.ReadAllAsync().ToListAsync();

        Assert.Equal([7, 8], read.OfType<JsonRpcError>().Select(error => (long)error.Id.Id!));
        Assert.All(read.OfType<JsonRpcError>(), error => Assert.True(StandIn.Is(error.Error.Data as System.Text.Json.JsonElement?)));
        Assert.All(read.OfType<JsonRpcError>(), error => Assert.Contains("never seen", error.Error.Message, StringComparison.Ordinal));
        Assert.Same(sent[2], read[2]);
    }
}
