using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;

namespace McpActors.Host.Tests.Processes;

/// <summary>The worker with an access token, used by programs and people.</summary>
public class AccessTests
{
    private const string Token = "an access token of the tests";

    [Fact]
    public async Task Refuses_to_listen_to_other_machines_without_a_token()
    {
        await using var host = HostProcess.Start("--demo-port", "0", "--urls", "http://0.0.0.0:0");

        var (exitCode, error) = await host.EndAsync();

        Assert.Equal(1, exitCode);
        Assert.Contains("http://0.0.0.0:0 is reachable from other machines", error, StringComparison.Ordinal);
        Assert.Contains("MCP_ACTORS_ACCESS_TOKEN", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refuses_an_open_endpoint_of_Kestrel_without_a_token()
    {
        await using var host = HostProcess.Start(
            new Dictionary<string, string> { ["Kestrel__Endpoints__Http__Url"] = "http://0.0.0.0:0" },
            "--demo-port", "0", "--urls", "http://127.0.0.1:0");

        var (exitCode, error) = await host.EndAsync();

        Assert.Equal(1, exitCode);
        Assert.Contains("http://0.0.0.0:0 is reachable from other machines", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_a_token_only_its_bearer_is_served_and_health_is_open()
    {
        await using var host = await GuardedAsync();

        var refused = await host.Client.GetAsync("/api/status");
        Assert.Equal((HttpStatusCode.Unauthorized, "Bearer"), (refused.StatusCode, refused.Headers.WwwAuthenticate.ToString()));
        Assert.Equal(HttpStatusCode.Unauthorized, (await host.ExecuteAsync("""{"method":"getData"}""")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await host.Client.GetAsync("/health/live")).StatusCode);

        host.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "not " + Token);
        Assert.Equal(HttpStatusCode.Unauthorized, (await host.Client.GetAsync("/api/status")).StatusCode);
        host.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        Assert.Equal(HttpStatusCode.OK, (await host.Client.GetAsync("/api/status")).StatusCode);
    }

    [Fact]
    public async Task Neither_the_token_nor_a_refused_request_is_written()
    {
        await using var host = await GuardedAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, (await host.Client.GetAsync("/api/status")).StatusCode);
        host.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        Assert.Equal(HttpStatusCode.OK, (await host.Client.GetAsync("/api/status")).StatusCode);

        host.Signal("TERM");
        var log = (await host.EndAsync()).Error;

        Assert.DoesNotContain(Token, host.Output + log, StringComparison.Ordinal);
        Assert.DoesNotContain("challenged", log, StringComparison.Ordinal);
        Assert.DoesNotContain("not authenticated", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_person_logs_in_once_and_a_cookie_replaces_the_token()
    {
        await using var host = await GuardedAsync();
        using var browser =
            new HttpClient(new HttpClientHandler { CookieContainer = new CookieContainer() }) { BaseAddress = host.Client.BaseAddress };
        browser.DefaultRequestHeaders.Accept.ParseAdd("text/html");

        var page = await browser.GetAsync("/");
        Assert.Equal("/login", page.RequestMessage!.RequestUri!.AbsolutePath);
        var html = await page.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, (await LogInAsync(browser, html, "wrong")).StatusCode);
        var welcome = await LogInAsync(browser, html, Token);

        Assert.Equal((HttpStatusCode.OK, "/"), (welcome.StatusCode, welcome.RequestMessage!.RequestUri!.AbsolutePath));
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/api/status")).StatusCode);
    }

    private static Task<HostProcess> GuardedAsync() => HostProcess.DemoAsync(new() { ["MCP_ACTORS_ACCESS_TOKEN"] = Token });

    private static Task<HttpResponseMessage> LogInAsync(HttpClient browser, string page, string token)
    {
        var antiforgery = Regex.Match(page, "name=\"(__RequestVerificationToken)\" value=\"([^\"]+)\"");
        return browser.PostAsync("/login", new FormUrlEncodedContent([
            new("token", token), new("returnUrl", "/"), new(antiforgery.Groups[1].Value, antiforgery.Groups[2].Value),
        ]));
    }
}
