using System.Net;
using System.Net.Http.Json;
using McpActors.Transports;
using McpActors.Transports.Http;
using ModelContextProtocol.Protocol;
using Xunit;

namespace McpActors.Tests.Transports.Http;

public sealed class RepliesElsewhereTests : IDisposable
{
    private static readonly JsonRpcRequest Request = new() { Id = new RequestId(7), Method = "tools/call" };

    private readonly StreamReplies _replies = new();
    private readonly Server _server = new();
    private readonly HttpMessageInvoker _http;

    public RepliesElsewhereTests() => _http = new HttpMessageInvoker(new RepliesElsewhere(_replies, _server));

    public void Dispose() => _http.Dispose();

    [Theory]
    [InlineData(null, false)]
    [InlineData("7", true)]
    public async Task Only_the_refusal_of_the_stream_itself_says_that_there_is_none(string? lastEvent, bool isHeld)
    {
        (await OpenAsync(null, HttpStatusCode.OK)).Dispose();
        (await OpenAsync(lastEvent, HttpStatusCode.NotFound)).Dispose();

        var answer = AskAsync(CancellationToken.None);

        Assert.Equal(isHeld, !answer.IsFaulted);
        if (!isHeld)
            return;
        _replies.Offer("""{"jsonrpc":"2.0","id":8,"result":{"no":1}}"""u8);
        _replies.Offer("""{"jsonrpc":"2.0","id":7,"method":"ping"}"""u8);
        Assert.False(answer.IsCompleted);
        _replies.Offer("""{"jsonrpc":"2.0","id":"7","result":{"yes":1}}"""u8);
        using var response = await answer.WaitAsync(PoolHost.Patience);
        Assert.Contains("yes", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.False(_replies.HasAwaited);
    }

    [Fact]
    public async Task A_request_that_is_given_up_is_not_awaited_any_more()
    {
        (await OpenAsync(null, HttpStatusCode.OK)).Dispose();
        using var end = new CancellationTokenSource();
        var answer = AskAsync(end.Token);
        Assert.True(_replies.HasAwaited);

        await end.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
        Assert.False(_replies.HasAwaited);
    }

    private async Task<HttpResponseMessage> AskAsync(CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://test");
        request.Headers.Add("Mcp-Method", Request.Method);
        request.Content = JsonContent.Create<JsonRpcMessage>(Request, McpJson.MessageType);
        return await _http.SendAsync(request, cancellation);
    }

    private async Task<HttpResponseMessage> OpenAsync(string? lastEvent, HttpStatusCode status)
    {
        _server.Status = status;
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://test");
        request.Headers.Add("MCP-Protocol-Version", "2025-11-25");
        if (lastEvent is not null)
            request.Headers.Add("Last-Event-ID", lastEvent);
        return await _http.SendAsync(request, CancellationToken.None);
    }

    private sealed class Server : HttpMessageHandler
    {
        public HttpStatusCode Status { get; set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            request.Method == HttpMethod.Get
                ? Task.FromResult(new HttpResponseMessage(Status))
                : Task.FromException<HttpResponseMessage>(new MissingReplyException("nothing"));
    }
}
