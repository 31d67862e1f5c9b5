using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Threading.Channels;
using ModelContextProtocol.Protocol;

namespace McpActors.Transports.Http;

/// <summary>
/// Replies that do not come where they belong: in the stream of the session in place of the answer to the POST, or, with the older
/// transport, as the answer to the POST in place of the stream. Thread-safe.
/// </summary>
internal sealed class StreamReplies
{
    private readonly ConcurrentDictionary<RequestId, TaskCompletionSource<byte[]>> _awaited = new();
    private readonly Channel<byte[]> _direct = Channel.CreateUnbounded<byte[]>();
    private volatile bool _hasStream;

    /// <summary>
    /// Whether replies may come in a stream of the session. One that has ended is opened again, so its end changes nothing.
    /// </summary>
    public bool HasStream
    {
        get => _hasStream;
        set => _hasStream = value;
    }

    /// <summary>The messages that came as answers to POSTs of the older transport.</summary>
    public ChannelReader<byte[]> Direct => _direct.Reader;

    /// <summary>Whether a request is under way.</summary>
    public bool HasAwaited => !_awaited.IsEmpty;

    /// <summary>A request is sent; its reply may come from now on.</summary>
    public Task<byte[]> Await(RequestId id)
    {
        var reply = new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        _awaited[id] = reply;
        return reply.Task;
    }

    /// <summary>A request has ended.</summary>
    public void Forget(RequestId id) => _awaited.TryRemove(id, out _);

    /// <summary>A message came in the stream of the session.</summary>
    public void Offer(ReadOnlySpan<byte> message)
    {
        var envelope = new JsonRpcEnvelope();
        envelope.Read(message);
        if (envelope.AnswerTo is { } id && _awaited.TryGetValue(id, out var reply))
            reply.TrySetResult(message.ToArray());
    }

    /// <summary>A message came as the answer to a POST of the older transport.</summary>
    public void AddDirect(byte[] message) => _direct.Writer.TryWrite(message);
}

/// <summary>
/// Some servers answer the POST of a request with 202 and nothing else, and send the reply in the stream of the session. The answer to the
/// POST is then held until the reply comes, or the request is given up. The reply is passed on in both: the SDK needs one of them, and the
/// second is dropped.
/// </summary>
/// <param name="replies">What comes in the stream.</param>
/// <param name="inner">The next handler.</param>
internal sealed class RepliesElsewhere(StreamReplies replies, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        Sent.IsSessionStream(request) ? OpenAsync(request, cancellationToken)
        : Sent.RequestIn(request) is { } id ? AskAsync(request, id, cancellationToken)
        : base.SendAsync(request, cancellationToken);

    private async Task<HttpResponseMessage> OpenAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        // At once: a request can be answered before the stream is.
        replies.HasStream = true;
        HttpResponseMessage? response = null;
        try
        {
            return response = await base.SendAsync(request, cancellation).ConfigureAwait(false);
        }
        finally
        {
            // The rest of an interrupted stream is asked for in the same way, and its refusal says nothing about the others.
            if (response is not { IsSuccessStatusCode: true } && !request.Headers.NonValidated.Contains("Last-Event-ID"))
                replies.HasStream = false;
        }
    }

    private async Task<HttpResponseMessage> AskAsync(HttpRequestMessage request, RequestId id, CancellationToken cancellation)
    {
        // Before it is sent: the reply can come before the answer to the POST.
        var reply = replies.Await(id);
        try
        {
            return await base.SendAsync(request, cancellation).ConfigureAwait(false);
        }
        catch (MissingReplyException) when (replies.HasStream)
        {
            var content = new ByteArrayContent(await reply.WaitAsync(cancellation).ConfigureAwait(false));
            content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            return new HttpResponseMessage(HttpStatusCode.OK) { RequestMessage = request, Content = content };
        }
        finally
        {
            replies.Forget(id);
        }
    }
}
