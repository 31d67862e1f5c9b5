using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using McpActors.Transports;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace McpActors.Connections;

/// <summary>
/// A transport whose errors keep their code and data. The SDK drops data that is not an object, turns numbers in it into doubles, and for
/// some codes fails when the data has another shape than it expects; so both cross it in an array, and <see cref="CodeOf"/> and
/// <see cref="Of(McpProtocolException)"/> take them out again. A result that asks for input crosses it as any other
/// (<see cref="InputRequired"/>). Only answers to the pool's own requests are touched; the SDK reads those to its handshake.
/// </summary>
/// <param name="inner">The transport.</param>
internal sealed class WholeErrorData(IClientTransport inner) : IClientTransport
{
    private const string Property = "mcp-actors-data";

    public string Name => inner.Name;

    /// <summary>The data of a server's error; null when it has none.</summary>
    public static JsonElement? Of(McpProtocolException error)
    {
        if (Crossed(error) is { } whole)
            return whole[0].ValueKind == JsonValueKind.Null ? null : whole[0];
        var data = new Dictionary<string, object?>();
        foreach (System.Collections.DictionaryEntry entry in error.Data)
        {
            if (entry.Key is string key)
                data[key] = entry.Value;
        }
        return data.Count == 0 ? null : JsonSerializer.SerializeToElement(data, McpJson.Options);
    }

    /// <summary>The code of a server's error.</summary>
    public static int CodeOf(McpProtocolException error) => Crossed(error) is { } whole ? whole[1].GetInt32() : (int)error.ErrorCode;

    public async Task<ITransport> ConnectAsync(CancellationToken cancellationToken = default) =>
        new Session(await inner.ConnectAsync(cancellationToken).ConfigureAwait(false));

    private static JsonRpcMessage Readable(JsonRpcMessage message)
    {
        if (message is not JsonRpcMessageWithId { Id: var id } || !RequestIds.IsOwn(id))
            return message;
        if (message is JsonRpcError { Error: var error } failure)
        {
            return new JsonRpcError
            {
                Id = id,
                Context = failure.Context,
                Error = new JsonRpcErrorDetail
                {
                    Code = (int)McpErrorCode.InternalError,
                    Message = error.Message,
                    Data = Whole(error.Data, error.Code) ?? Whole(null, error.Code),
                },
            };
        }
        if (message is JsonRpcResponse { Result: JsonObject result })
            InputRequired.Hide(result);
        return message;
    }

    private static JsonElement? Crossed(McpProtocolException error) =>
        error.Data[Property] is JsonElement { ValueKind: JsonValueKind.Array } whole && whole.GetArrayLength() == 2 ? whole : null;

    // Null for data that cannot be written, such as half a surrogate pair.
    private static JsonElement? Whole(object? data, int code)
    {
        try
        {
            return JsonSerializer.SerializeToElement(new Dictionary<string, object?[]> { [Property] = [data, code] }, McpJson.Options);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            return null;
        }
    }

    private sealed class Session(ITransport inner) : ITransport
    {
        public string? SessionId => inner.SessionId;

        public ChannelReader<JsonRpcMessage> MessageReader { get; } = new ChangedMessages(inner.MessageReader, Readable);

        public Task SendMessageAsync(JsonRpcMessage message, CancellationToken cancellationToken = default) =>
            inner.SendMessageAsync(message, cancellationToken);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
