using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using McpActors.Transports;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace McpActors.Connections;

/// <summary>
/// A transport whose errors keep their data. The SDK drops data that is not an object, and turns numbers in it into doubles; so the data
/// crosses it as the one element of an array, and <see cref="Of(McpProtocolException)"/> takes it out again. A code whose data the SDK
/// reads itself, and fails when it is of another shape, crosses it as the second element (<see cref="CodeOf"/>). A result that asks for
/// input crosses it as any other (<see cref="InputRequired"/>). Only answers to the pool's own requests are touched; the SDK reads those to
/// its handshake.
/// </summary>
/// <param name="inner">The transport.</param>
internal sealed class WholeErrorData(IClientTransport inner) : IClientTransport
{
    private const string Property = "mcp-actors-data";

    // MCP 2026-07-28, and 2025-11-25 for the last one.
    private const int UnsupportedProtocolVersion = -32022;
    private const int MissingClientCapability = -32021;
    private const int UrlElicitationRequired = -32042;

    public string Name => inner.Name;

    /// <summary>The data of a server's error; null when it has none.</summary>
    public static JsonElement? Of(McpProtocolException error)
    {
        if (Crossed(error) is { } whole)
            return whole[0].ValueKind == JsonValueKind.Null && whole.GetArrayLength() == 2 ? null : whole[0];
        var data = new Dictionary<string, object?>();
        foreach (System.Collections.DictionaryEntry entry in error.Data)
        {
            if (entry.Key is string key)
                data[key] = entry.Value;
        }
        return data.Count == 0 ? null : JsonSerializer.SerializeToElement(data, McpJson.Options);
    }

    /// <summary>The code of a server's error.</summary>
    public static int CodeOf(McpProtocolException error) =>
        Crossed(error) is { } whole && whole.GetArrayLength() == 2 ? whole[1].GetInt32() : (int)error.ErrorCode;

    public async Task<ITransport> ConnectAsync(CancellationToken cancellationToken = default) =>
        new Session(await inner.ConnectAsync(cancellationToken).ConfigureAwait(false));

    private static JsonRpcMessage Readable(JsonRpcMessage message)
    {
        if (message is not JsonRpcMessageWithId { Id: var id } || !RequestIds.IsOwn(id))
            return message;
        if (message is JsonRpcError { Error: var error } failure && (error.Data is not null || IsReadBySdk(error)))
        {
            return new JsonRpcError
            {
                Id = id,
                Context = failure.Context,
                Error = new JsonRpcErrorDetail
                {
                    Code = IsReadBySdk(error) ? (int)McpErrorCode.InternalError : error.Code,
                    Message = error.Message,
                    Data = Whole(IsReadBySdk(error) ? [error.Data, error.Code] : [error.Data]),
                },
            };
        }
        if (message is JsonRpcResponse { Result: JsonObject result })
            InputRequired.Hide(result);
        return message;
    }

    private static bool IsReadBySdk(JsonRpcErrorDetail error) =>
        error.Code is UnsupportedProtocolVersion or MissingClientCapability or UrlElicitationRequired;

    private static JsonElement? Crossed(McpProtocolException error) =>
        error.Data[Property] is JsonElement { ValueKind: JsonValueKind.Array } whole && whole.GetArrayLength() is 1 or 2 ? whole : null;

    // Data that cannot be written, such as half a surrogate pair, is left out.
    private static JsonElement? Whole(object?[] parts)
    {
        try
        {
            return JsonSerializer.SerializeToElement(new Dictionary<string, object?[]> { [Property] = parts }, McpJson.Options);
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
