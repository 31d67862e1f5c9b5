using System.Net;
using McpActors.Transports;
using McpActors.Transports.Http;
using Xunit;

namespace McpActors.Tests.Transports.Http;

/// <summary>How long a permanent redirect is remembered, and what is said of one that is not followed.</summary>
public sealed class RedirectsTests
{
    [Theory]
    [InlineData("GET", 404, "/moved")]
    [InlineData("GET", 405, "/moved")]
    [InlineData("DELETE", 405, "/moved")]
    [InlineData("POST", 200, "/moved")]
    [InlineData("POST", 400, "/moved")]
    [InlineData("POST", 404, "/mcp /moved")]
    [InlineData("POST", 410, "/mcp /moved")]
    [InlineData("POST", 503, "/mcp /moved")]
    public async Task It_is_forgotten_once_a_message_finds_nothing_there(string method, int status, string paths)
    {
        var moved = new Moved();
        using var http = new HttpMessageInvoker(new Redirects(moved));
        await SendAsync("POST");
        moved.Status = (HttpStatusCode)status;
        await SendAsync(method);
        (moved.Status, moved.Seen) = (HttpStatusCode.OK, []);

        await SendAsync("POST");

        Assert.Equal(paths, string.Join(' ', moved.Seen));

        async Task SendAsync(string how)
        {
            using var request = new HttpRequestMessage(new HttpMethod(how), "http://test/mcp");
            (await http.SendAsync(request, CancellationToken.None)).Dispose();
        }
    }

    [Theory]
    [InlineData("https://other.example/mcp", "redirects to https://other.example/mcp; write uri = \"https://other.example/mcp\"")]
    [InlineData("file:///etc/passwd", "redirects to file:///etc/passwd, which is not HTTP")]
    public async Task One_that_leaves_the_origin_names_its_target(string target, string expected)
    {
        using var http = new HttpMessageInvoker(new Redirects(new Moved { Target = new Uri(target) }));
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://test/mcp");

        var error = await Assert.ThrowsAsync<HttpErrorException>(() => http.SendAsync(request, CancellationToken.None));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    /// <summary>A server that has moved from <c>/mcp</c> to <c>/moved</c>.</summary>
    private sealed class Moved : HttpMessageHandler
    {
        public HttpStatusCode Status { get; set; } = HttpStatusCode.OK;

        public Uri Target { get; init; } = new("/moved", UriKind.Relative);

        public List<string> Seen { get; set; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var path = request.RequestUri!.AbsolutePath;
            Seen.Add(path);
            var answer = new HttpResponseMessage(path == "/mcp" ? HttpStatusCode.PermanentRedirect : Status);
            if (path == "/mcp")
                answer.Headers.Location = Target;
            return Task.FromResult(answer);
        }
    }
}
