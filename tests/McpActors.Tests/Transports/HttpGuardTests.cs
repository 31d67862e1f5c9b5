using System.Net;
using McpActors.Transports;
using Xunit;

namespace McpActors.Tests.Transports;

/// <summary>What becomes of a refused request: the SDK negotiates by the first answers, and later ones keep their status.</summary>
public sealed class HttpGuardTests
{
    private static readonly Uri Address = new("http://server.example/mcp");

    [Fact]
    public async Task Only_a_successful_POST_proves_that_the_server_speaks_the_protocol()
    {
        using var client = Client(get: HttpStatusCode.OK, post: HttpStatusCode.NotFound);

        using var opened = await client.GetAsync(Address);
        using var refused = await client.PostAsync(Address, Request());

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotFound), (opened.StatusCode, refused.StatusCode));
    }

    [Fact]
    public async Task After_a_successful_POST_a_refusal_keeps_its_status_for_the_call()
    {
        var statuses = new Queue<HttpStatusCode>([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.NotFound]);
        using var client = Client(_ => statuses.Dequeue());
        using var accepted = await client.PostAsync(Address, Request());
        using var opened = await client.GetAsync(Address);

        var error = await Assert.ThrowsAsync<HttpErrorException>(() => client.PostAsync(Address, Request()));

        Assert.Equal(HttpStatusCode.NotFound, error.StatusCode);
    }

    [Fact]
    public async Task Half_a_surrogate_pair_in_an_error_does_not_keep_the_SDK_from_reading_it()
    {
        const string Error = """{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"no \ud83d method"}}""";
        using var client = Client(_ => HttpStatusCode.NotFound, Error);

        using var refused = await client.PostAsync(Address, Request());

        Assert.Equal(Error.Replace(@"\ud83d", @"\ufffd", StringComparison.Ordinal), await refused.Content.ReadAsStringAsync());
    }

    private static StringContent Request() => new("{}");

    private static HttpClient Client(HttpStatusCode get, HttpStatusCode post) =>
        Client(request => request.Method == HttpMethod.Get ? get : post);

    private static HttpClient Client(Func<HttpRequestMessage, HttpStatusCode> answer, string body = "")
    {
        var guard = new HttpGuard(Address, 1024, TimeSpan.FromSeconds(1), TimeProvider.System, new Answering(answer, body));
        var client = new HttpClient(guard);
        client.DefaultRequestHeaders.Add("Mcp-Method", "tools/call");
        return client;
    }

    private sealed class Answering(Func<HttpRequestMessage, HttpStatusCode> answer, string body) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(answer(request)) { Content = new StringContent(body) });
    }
}
