using System.Net;
using System.Text;
using McpActors.Configuration;
using McpActors.Host.Api;
using McpActors.Host.Settings;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

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
    [InlineData("10.0.0.1")]
    [InlineData("[2001:db8::1]")]
    public async Task An_address_of_another_machine_is_not_served_at_a_loopback_address(string host)
    {
        await using var api = await ApiServer.StartAsync();

        Assert.Equal(HttpStatusCode.MisdirectedRequest, await StatusOfAsync(api, host));
    }

    [Theory]
    [InlineData("192.168.1.2", HttpStatusCode.Unauthorized)]
    [InlineData("[2001:db8::1]", HttpStatusCode.Unauthorized)]
    [InlineData("THIS-MACHINE", HttpStatusCode.Unauthorized)]
    [InlineData("Pool.Example", HttpStatusCode.Unauthorized)]
    [InlineData("localhost", HttpStatusCode.MisdirectedRequest)]
    [InlineData("rebound.example", HttpStatusCode.MisdirectedRequest)]
    public async Task At_another_address_its_names_are_served(string host, HttpStatusCode expected)
    {
        var settings = new HostSettings { AccessToken = Secret.FromLiteral("a long enough token"), AllowedHosts = ["pool.example"] };
        await using var api = await ApiServer.StartAsync(host: settings, reachedAt: IPAddress.Parse("192.168.1.2"));

        Assert.Equal(
            expected,
            await StatusOfAsync(api, host.Replace("THIS-MACHINE", Environment.MachineName, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(null, StatusCodes.Status421MisdirectedRequest)]
    [InlineData("pool.example", StatusCodes.Status200OK)]
    public async Task Names_that_ASP_NET_Core_checks_are_not_checked_again(string? allowed, int expected)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("AllowedHosts", allowed)]).Build();
        var guard = new BrowserGuard(_ => Task.CompletedTask, configuration, new HostSettings());
        var context = new DefaultHttpContext { Request = { Host = new HostString("pool.example") } };

        await guard.InvokeAsync(context);

        Assert.Equal(expected, context.Response.StatusCode);
    }

    [Fact]
    public async Task An_origin_is_compared_without_case()
    {
        await using var api = await ApiServer.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/status");
        request.Headers.Host = "localhost";
        request.Headers.Add("Origin", "HTTP://LOCALHOST");

        Assert.Equal(HttpStatusCode.OK, (await api.Client.SendAsync(request)).StatusCode);
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

    [Theory]
    [InlineData("xn--localhost-")]
    [InlineData("xn--localhost-:80")]
    [InlineData("xn--")]
    [InlineData("a.xn--999999999")]
    public async Task A_name_that_cannot_be_read_is_refused(string host)
    {
        await using var api = await ApiServer.StartAsync();

        var status = await api.SendRawAsync(Encoding.ASCII.GetBytes($"GET /api/status HTTP/1.1\r\nHost: {host}\r\n\r\n"));

        Assert.Contains(status.Split(' ')[1], new[] { "400", "421" });
    }

    [Theory]
    [InlineData("127.0.0.1", HttpStatusCode.OK)]
    [InlineData("127.0.0.0/8", HttpStatusCode.OK)]
    [InlineData("10.0.0.5", HttpStatusCode.Forbidden)]
    [InlineData(null, HttpStatusCode.Forbidden)]
    public async Task A_page_behind_a_proxy_that_ends_TLS_is_served_if_the_proxy_is_trusted(string? proxy, HttpStatusCode expected)
    {
        await using var api = await ApiServer.StartAsync(
            host: new HostSettings { TrustedProxies = proxy is null ? [] : [proxy], AllowedHosts = ["pool.example"] });
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/status");
        request.Headers.Host = "pool.example";
        request.Headers.Add("Origin", "https://pool.example");
        request.Headers.Add("X-Forwarded-Proto", "https");

        Assert.Equal(expected, (await api.Client.SendAsync(request)).StatusCode);
    }

    [Fact]
    public async Task A_forwarded_name_is_checked_like_any_other()
    {
        await using var api = await ApiServer.StartAsync(host: new HostSettings { TrustedProxies = ["127.0.0.1"] });
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/status");
        request.Headers.Add("X-Forwarded-Host", "rebound.example");

        Assert.Equal(HttpStatusCode.MisdirectedRequest, (await api.Client.SendAsync(request)).StatusCode);
    }

    [Theory]
    [InlineData("")]
    [InlineData(", 198.51.100.7")]
    public async Task The_clients_behind_trusted_proxies_have_limits_of_their_own(string via)
    {
        await using var api = await ApiServer.StartAsync(
            host: new HostSettings { TrustedProxies = ["127.0.0.1", "198.51.100.7"], RequestsPerSecond = 1 });

        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 6; i++)
            statuses.Add(await StatusForAsync(api, $"203.0.113.1{via}"));

        Assert.Contains(HttpStatusCode.TooManyRequests, statuses);
        Assert.Equal(HttpStatusCode.OK, await StatusForAsync(api, $"203.0.113.2{via}"));
    }

    [Theory]
    [InlineData(false, HttpStatusCode.OK)]
    [InlineData(true, HttpStatusCode.MisdirectedRequest)]
    public async Task A_client_of_a_Unix_socket_is_a_proxy_only_if_the_configuration_says_so(bool trusted, HttpStatusCode expected)
    {
        using var folder = new TempFolder();
        var socket = folder.At("api.sock");
        await using var api = await ApiServer.StartAsync(
            urls: $"http://unix:{socket}",
            host: new HostSettings { TrustedProxies = [trusted ? HostSettings.ProxyOnUnixSocket : "127.0.0.1"] });
        using var client = UnixSockets.Client(socket, ApiServer.Guard);
        client.DefaultRequestHeaders.Add("X-Forwarded-Host", "rebound.example");

        Assert.Equal(expected, (await client.GetAsync("/api/status")).StatusCode);
    }

    [Fact]
    public async Task A_client_of_a_Unix_socket_is_served()
    {
        using var folder = new TempFolder();
        var socket = folder.At("api.sock");
        await using var api = await ApiServer.StartAsync(urls: $"http://unix:{socket}");
        using var client = UnixSockets.Client(socket, ApiServer.Guard);

        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/api/status")).StatusCode);
        Assert.Equal(HttpStatusCode.MisdirectedRequest, (await client.GetAsync("http://rebound.example/api/status")).StatusCode);
    }

    private static async Task<HttpStatusCode> StatusOfAsync(ApiServer api, string host)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/status");
        request.Headers.Host = host;
        return (await api.Client.SendAsync(request)).StatusCode;
    }

    private static async Task<HttpStatusCode> StatusForAsync(ApiServer api, string client)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/status");
        request.Headers.Add("X-Forwarded-For", client);
        return (await api.Client.SendAsync(request)).StatusCode;
    }
}
