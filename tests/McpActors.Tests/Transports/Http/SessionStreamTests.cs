using System.Net;
using McpActors.Transports.Http;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace McpActors.Tests.Transports.Http;

public sealed class SessionStreamTests : IDisposable
{
    private const int AtOnce = 100;

    private readonly FakeTimeProvider _time = new();
    private readonly Server _server = new();
    private readonly HttpMessageInvoker _http;

    public SessionStreamTests() => _http = new HttpMessageInvoker(new SessionStream(_time, _server));

    public void Dispose() => _http.Dispose();

    [Theory]
    [InlineData(404, null, HttpStatusCode.MethodNotAllowed)]
    [InlineData(500, null, HttpStatusCode.MethodNotAllowed)]
    [InlineData(200, null, HttpStatusCode.OK)]
    [InlineData(404, "7", HttpStatusCode.NotFound)]
    [InlineData(200, "7", HttpStatusCode.OK)]
    public async Task Only_a_stream_that_was_open_can_show_that_the_session_is_lost(int status, string? lastEvent, HttpStatusCode seen)
    {
        _server.Status = (HttpStatusCode)status;

        using var answer = await OpenAsync(lastEvent);

        Assert.Equal(seen, answer.StatusCode);
    }

    [Fact]
    public async Task The_stream_of_the_older_transport_is_answered_as_it_is()
    {
        _server.Status = HttpStatusCode.NotFound;
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://test");

        using var answer = await _http.SendAsync(request, CancellationToken.None);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task A_stream_that_ends_at_once_is_not_opened_without_end()
    {
        for (var i = 0; i < AtOnce; i++)
            (await OpenAsync("7")).Dispose();

        var next = OpenAsync("7");
        Assert.False(next.IsCompleted);
        Assert.Equal(AtOnce, _server.Requests);
        _time.Advance(TimeSpan.FromSeconds(1));

        (await next.WaitAsync(PoolHost.Patience)).Dispose();
        Assert.Equal(AtOnce + 1, _server.Requests);
    }

    private async Task<HttpResponseMessage> OpenAsync(string? lastEvent)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://test");
        request.Headers.Add("MCP-Protocol-Version", "2025-11-25");
        if (lastEvent is not null)
            request.Headers.Add("Last-Event-ID", lastEvent);
        return await _http.SendAsync(request, CancellationToken.None);
    }

    private sealed class Server : HttpMessageHandler
    {
        public HttpStatusCode Status { get; set; } = HttpStatusCode.OK;

        public int Requests { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Requests++;
            return Task.FromResult(new HttpResponseMessage(Status));
        }
    }
}
