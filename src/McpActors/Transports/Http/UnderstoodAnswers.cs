using System.Buffers;
using System.Net.Http.Headers;
using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace McpActors.Transports.Http;

/// <summary>
/// Gives the SDK each message as the server means it (<see cref="IncomingMessage"/>, <see cref="HandshakeRepair"/>): it reads the messages
/// of HTTP itself, and drops what it does not expect. A message that it would read goes through as it came.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="replies">Replies that do not come where they belong.</param>
/// <param name="inner">The next handler; its answers are JSON or event streams, and bounded.</param>
internal sealed class UnderstoodAnswers(TimeProvider time, StreamReplies replies, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private const int BufferSize = 4096;

    /// <summary>How long the end of a body may take after its answer; gateways forget to end it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var handshake = Sent.MessageIn(request) is JsonRpcRequest message ? HandshakeRequest.Of(message) : null;
        var response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode || request.Method == HttpMethod.Delete)
            return response;
        switch (response.Content.Headers.ContentType?.MediaType)
        {
            case "text/event-stream":
                response.Content = new UnderstoodEventContent(
                    response.Content, handshake, Sent.RequestIn(request), request.Method == HttpMethod.Get ? replies : null);
                break;
            case "application/json":
                await UnderstandAsync(request, response, handshake, cancellationToken).ConfigureAwait(false);
                break;
        }
        return response;
    }

    // Now, and not when the SDK reads it: an exception is then passed on as it is.
    private async Task UnderstandAsync(
        HttpRequestMessage request, HttpResponseMessage response, HandshakeRequest? handshake, CancellationToken cancellation)
    {
        var (content, asked) = (response.Content, Sent.RequestIn(request));
        var body = new ArrayBufferWriter<byte>(Math.Max(BufferSize, (int)(content.Headers.ContentLength ?? 0) + 1));
        try
        {
            var stream = await content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
            await ReadAsync(stream, body, cancellation).ConfigureAwait(false);
            var understood = UnderstoodJson.Read(body.WrittenSpan, handshake, asked);
            if (understood is [] && asked is not null)
            {
                throw new UnreadableAnswerException(
                    $"the answer is not a JSON-RPC message; it begins with {UnreadableWords.Of(body.WrittenSpan)}");
            }
            if (Sent.IsOlder(request))
            {
                // The SDK does not read it: it expects the reply in the stream.
                foreach (var message in understood ?? [body.WrittenSpan.ToArray()])
                    replies.AddDirect(message);
            }
            response.Content = understood switch
            {
                null or [] => new ReadOnlyMemoryContent(body.WrittenMemory),
                [var one] => new ByteArrayContent(one),
                _ => new ByteArrayContent(UnderstoodJson.EventsOf(understood)),
            };
            response.Content.Headers.ContentType =
                understood is { Count: > 1 } ? new MediaTypeHeaderValue("text/event-stream") : content.Headers.ContentType;
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

    // An answer that is whole is the answer, however its body ends.
    private async Task ReadAsync(Stream stream, ArrayBufferWriter<byte> body, CancellationToken cancellation)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var envelope = new JsonRpcEnvelope();
        var scanned = 0;
        try
        {
            for (var read = -1; read != 0; body.Advance(read))
            {
                var reading = stream.ReadAsync(body.GetMemory(BufferSize), ended.Token);
                if (reading.IsCompleted)
                {
                    read = await reading.ConfigureAwait(false);
                    continue;
                }
                envelope.Read(body.WrittenSpan[scanned..]);
                scanned = body.WrittenCount;
                read = envelope.IsWholeAnswer
                    ? await reading.AsTask().WaitAsync(Patience, time, cancellation).ConfigureAwait(false)
                    : await reading.ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is IOException or HttpRequestException or TimeoutException
            && MessageTexts.EndsWithAnswer(body.WrittenSpan))
        {
            await ended.CancelAsync().ConfigureAwait(false);
        }
    }
}

/// <summary>A JSON text of one message, as the SDK reads it. Pure.</summary>
internal static class UnderstoodJson
{
    private static readonly string TooDeep = $"the answer is nested more than {JsonDepth.MostOfSdk} levels deep";

    /// <summary>
    /// The texts to read in the place of a text; null when it can be read as it is, none when it is not a message.
    /// </summary>
    /// <param name="json">The text.</param>
    /// <param name="handshake">The request of the handshake that it may answer; null for any other.</param>
    /// <param name="asked">The one request that the text can answer; null when it is not known.</param>
    public static IReadOnlyList<byte[]>? Read(ReadOnlySpan<byte> json, HandshakeRequest? handshake, RequestId? asked)
    {
        var replaced = HalfPairs.Replace(json);
        json = replaced ?? json;
        if (handshake is null && IsPlain(json))
            return replaced is null ? null : [replaced];
        var understood = new List<byte[]>();
        foreach (var message in IncomingMessage.Read(json, asked))
        {
            if (message is JsonRpcResponse answer && answer.Id == handshake?.Id)
                answer.Result = HandshakeRepair.Repaired(handshake, answer.Result);
            understood.Add(Written(message));
        }
        return understood;
    }

    /// <summary>The messages as an event stream, the one form of answer that holds several.</summary>
    public static byte[] EventsOf(IReadOnlyList<byte[]> messages) =>
        [.. messages.SelectMany(message => (byte[])[.. "data: "u8, .. message, .. "\n\n"u8])];

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
            var (isRpc, hasId, hasMethod, hasResult) = (false, false, false, false);
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
                    hasId = true;
                }
                else if (reader.ValueTextEquals("error"u8))
                {
                    return false;
                }
                else
                {
                    hasMethod |= reader.ValueTextEquals("method"u8);
                    hasResult |= reader.ValueTextEquals("result"u8);
                    reader.Read();
                    reader.Skip();
                }
            }
            return isRpc && (hasMethod || (hasResult && hasId)) && !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
