using System.Net;

namespace McpActors.Host.Tests.Api;

public class BrowserGuardTests
{
    [Theory]
    [InlineData("https://evil.example")]
    [InlineData("null")]
    public async Task A_page_of_another_site_may_not_use_the_pool(string origin)
    {
        await using var api = await ApiServer.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/servers/a/disconnect");
        request.Headers.Add("Origin", origin);

        var response = await api.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Contains(origin, await response.ErrorAsync("InvalidRequest"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_of_this_host_may_use_the_pool()
    {
        await using var api = await ApiServer.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/status");
        request.Headers.Add("Origin", api.Client.BaseAddress!.GetLeftPart(UriPartial.Authority));

        Assert.Equal(HttpStatusCode.OK, (await api.Client.SendAsync(request)).StatusCode);
    }

    [Fact]
    public async Task A_foreign_name_that_resolves_to_this_machine_is_not_served()
    {
        await using var api = await ApiServer.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/status");
        request.Headers.Host = "rebound.example";

        var response = await api.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.MisdirectedRequest, response.StatusCode);
        Assert.Contains("rebound.example", await response.ErrorAsync("InvalidRequest"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("LOCALHOST:5000")]
    [InlineData("[::1]:5000")]
    public async Task Every_name_of_the_loopback_address_is_served(string host)
    {
        await using var api = await ApiServer.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/status");
        request.Headers.Host = host;

        Assert.Equal(HttpStatusCode.OK, (await api.Client.SendAsync(request)).StatusCode);
    }
}
