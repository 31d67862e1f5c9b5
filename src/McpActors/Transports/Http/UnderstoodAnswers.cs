using System.Buffers;
using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace McpActors.Transports.Http;

/// <summary>
/// Gives the SDK each message as the server means it (<see cref="IncomingMessage"/>, <see cref="HandshakeRepair"/>): it reads the messages
/// of HTTP itself, and drops what it does not expect. A message that it would read goes through as it came.
/// </summary>
/// <param name="inner">The next handler; its answers are JSON or event streams, and bounded.</param>
internal sealed class UnderstoodAnswers(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private const int BufferSize = 4096;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var asked = await HandshakeOfAsync(request, cancellationToken).ConfigureAwait(false);
        var response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode || request.Method == HttpMethod.Delete)
            return response;
        switch (response.Content.Headers.ContentType?.MediaType)
        {
            case "text/event-stream":
                response.Content = new UnderstoodEventContent(response.Content, asked);
                break;
            case "application/json":
                await UnderstandAsync(request, response, asked, cancellationToken).ConfigureAwait(false);
                break;
        }
        return response;
    }

    // Now, and not when the SDK reads it: an exception is then passed on as it is.
    private static async Task UnderstandAsync(
        HttpRequestMessage request, HttpResponseMessage response, HandshakeRequest? asked, CancellationToken cancellation)
    {
        var content = response.Content;
        var body = new ArrayBufferWriter<byte>(Math.Max(BufferSize, (int)(content.Headers.ContentLength ?? 0) + 1));
        try
        {
            var stream = await content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
            while (await stream.ReadAsync(body.GetMemory(BufferSize), cancellation).ConfigureAwait(false) is var read and > 0)
                body.Advance(read);
            if (!UnderstoodJson.TryRead(body.WrittenSpan, asked, out var understood) && Sent.HasAnswer(request))
            {
                throw new UnreadableAnswerException(
                    $"the answer is not a JSON-RPC message; it begins with {UnreadableWords.Of(body.WrittenSpan)}");
            }
            response.Content = understood is null ? new ReadOnlyMemoryContent(body.WrittenMemory) : new ByteArrayContent(understood);
            response.Content.Headers.ContentType = content.Headers.ContentType;
        }
        catch
        {
            response.Dispose();
            throw;
        }
        finally
        {
            content.Dispose();
        }
    }

    private static async Task<HandshakeRequest?> HandshakeOfAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        if (request.Method != HttpMethod.Post || request.Content is null || !Sent.IsHandshake(request))
            return null;
        var body = await request.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false);
        return JsonSerializer.Deserialize(body, McpJson.MessageType) is JsonRpcRequest message ? HandshakeRequest.Of(message) : null;
    }
}

/// <summary>A JSON text of one message, as the SDK reads it. Pure.</summary>
internal static class UnderstoodJson
{
    private static readonly string TooDeep = $"the answer is nested more than {JsonDepth.MostOfSdk} levels deep";

    /// <summary>Reads a text; false when it is not a message.</summary>
    /// <param name="json">The text.</param>
    /// <param name="asked">The request of the handshake that it may answer; null for any other.</param>
    /// <param name="understood">The text to read in its place; null when it can be read as it is.</param>
    public static bool TryRead(ReadOnlySpan<byte> json, HandshakeRequest? asked, out byte[]? understood)
    {
        understood = HalfPairs.Replace(json);
        json = understood ?? json;
        if (asked is null && IsPlain(json))
            return true;
        var message = IncomingMessage.Read(json);
        if (message is JsonRpcResponse answer && answer.Id == asked?.Id)
            answer.Result = HandshakeRepair.Repaired(asked, answer.Result);
        if (message is not null)
            understood = Written(message);
        return message is not null;
    }

    // The SDK writes and reads fewer levels than are understood here.
    private static byte[] Written(JsonRpcMessage message)
    {
        try
        {
            return WrittenBySdk(message);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return WrittenBySdk(message is JsonRpcResponse or JsonRpcError
                ? StandIn.For(((JsonRpcMessageWithId)message).Id, StandIn.Unreadable, TooDeep)
                : MessageCheck.With(message, null));
        }
    }

    private static byte[] WrittenBySdk(JsonRpcMessage message) =>
        JsonSerializer.SerializeToUtf8Bytes(message, McpJsonUtilities.DefaultOptions.GetTypeInfo(typeof(JsonRpcMessage)));

    /// <summary>Whether the SDK reads it as it is meant. An error is looked at closely: there are few.</summary>
    private static bool IsPlain(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = JsonDepth.MostOfSdk });
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return false;
            var (isRpc, isMessage) = (false, false);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("jsonrpc"u8))
                {
                    isRpc = reader.Read() && reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("2.0"u8);
                }
                else if (reader.ValueTextEquals("id"u8))
                {
                    if (!reader.Read() || reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out _))
                        return false;
                }
                else if (reader.ValueTextEquals("error"u8))
                {
                    return false;
                }
                else
                {
                    isMessage |= reader.ValueTextEquals("result"u8) || reader.ValueTextEquals("method"u8);
                    reader.Read();
                    reader.Skip();
                }
            }
            return isRpc && isMessage && !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
