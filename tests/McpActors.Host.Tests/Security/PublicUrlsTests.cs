using System.Net;
using McpActors.Configuration;
using McpActors.Host.Settings;
using McpActors.Host.Tests.Api;
using McpActors.Host.Tests.Processes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace McpActors.Host.Tests.Security;

public sealed class PublicUrlsTests
{
    private static readonly PublicUrls Urls = new(
        [new("https://pool.example"), new("https://example.com/pool"), new("http://a.example:81/b/"), new("https://[2001:db8::1]/six")]);

    [Theory]
    [InlineData("https://pool.example", true)]
    [InlineData("HTTPS://POOL.EXAMPLE", true)]
    [InlineData("https://example.com", true)]
    [InlineData("http://a.example:81", true)]
    [InlineData("https://[2001:db8::1]", true)]
    [InlineData("http://pool.example", false)]
    [InlineData("https://pool.example:8443", false)]
    [InlineData("https://pool.example.evil.example", false)]
    [InlineData("http://a.example", false)]
    [InlineData("null", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void The_origin_of_a_page_is_compared_as_a_whole(string? origin, bool isPublic) =>
        Assert.Equal(isPublic, Urls.HasOrigin(origin));

    [Theory]
    [InlineData("pool.example", true)]
    [InlineData("Pool.Example", true)]
    [InlineData("[2001:db8::1]", true)]
    [InlineData("[2001:db8::2]", false)]
    [InlineData("evil.example", false)]
    public void The_name_of_a_request_is_compared_as_a_whole(string host, bool isPublic) => Assert.Equal(isPublic, Urls.HasName(host));

    [Theory]
    [InlineData("pool.example", "/api/status", "")]
    [InlineData("pool.example:443", "/", "")]
    [InlineData("example.com", "/pool", "/pool")]
    [InlineData("example.com", "/pool/api/status", "/pool")]
    [InlineData("example.com", "/api/status", "/pool")]
    [InlineData("127.0.0.1:5000", "/pool/api/status", "/pool")]
    [InlineData("a.example:81", "/x", "/b")]
    [InlineData("127.0.0.1:5000", "/api/status", null)]
    [InlineData("127.0.0.1:5000", "/poolside", null)]
    [InlineData("a.example", "/", "/b")]
    [InlineData("[2001:db8::1]", "/api/status", "/six")]
    [InlineData("[2001:db8::2]", "/api/status", null)]
    [InlineData("a.example:82", "/", null)]
    public void A_request_has_the_base_of_the_address_by_which_it_came(string host, string path, string? basePath) =>
        Assert.Equal(basePath, Urls.Of(new HostString(host), path) is { } url ? PublicUrls.BaseOf(url).Value ?? "" : null);

    [Theory]
    [InlineData("pool.example")]
    [InlineData("ftp://pool.example")]
    [InlineData("https://user@pool.example")]
    [InlineData("https://pool.example?x=1")]
    [InlineData("/pool")]
    [InlineData("")]
    public void Anything_but_a_plain_address_is_refused(string text) =>
        Assert.Contains("https://example.com/pool", PublicUrls.ProblemOf(text), StringComparison.Ordinal);

    [Theory]
    [InlineData("example.com", "/pool/api/status", "https://example.com", HttpStatusCode.OK)]
    [InlineData("example.com", "/api/status", "https://example.com", HttpStatusCode.OK)]
    [InlineData("127.0.0.1", "/pool/api/status", "https://example.com", HttpStatusCode.OK)]
    [InlineData("127.0.0.1", "/api/status", "https://example.com", HttpStatusCode.OK)]
    [InlineData("example.com", "/pool/api/status", "https://evil.example", HttpStatusCode.Forbidden)]
    [InlineData("example.com", "/pool/api/status", "http://example.com", HttpStatusCode.Forbidden)]
    [InlineData("evil.example", "/pool/api/status", null, HttpStatusCode.MisdirectedRequest)]
    public async Task Pages_and_names_of_a_public_address_are_served(string name, string path, string? origin, HttpStatusCode status)
    {
        await using var api = await ApiServer.StartAsync(host: new HostSettings { PublicUrls = [new("https://example.com/pool")] });
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Host = name == "127.0.0.1" ? null : name;
        if (origin is not null)
            request.Headers.Add("Origin", origin);

        var response = await api.Client.SendAsync(request);

        Assert.Equal(status, response.StatusCode);
        if (status != HttpStatusCode.OK)
            Assert.Contains("mcp-actors.host.public-url", await response.ErrorAsync("InvalidRequest"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/pool/")]
    [InlineData("/")]
    public async Task A_person_without_a_log_in_is_sent_to_the_log_in_of_the_public_address(string path)
    {
        using var token = new TempFile("a token that is long enough");
        await using var api = await ApiServer.StartAsync(
            host: new HostSettings { PublicUrls = [new("https://example.com/pool")], AccessToken = Secret.FromFile(token.Name) },
            routes: app => app.MapGet("/", () => "the page"));
        using var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = api.Client.BaseAddress };
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Host = "example.com" } };
        request.Headers.Accept.ParseAdd("text/html");

        var location = (await client.SendAsync(request)).Headers.Location!;

        Assert.Equal("https://example.com/pool/login", location.GetLeftPart(UriPartial.Path));
        Assert.Equal("?returnUrl=%2Fpool%2F", location.Query);
    }
}
