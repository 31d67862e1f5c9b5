using System.Net;
using System.Text.RegularExpressions;
using McpActors.Configuration;
using McpActors.Host.Security;
using McpActors.Host.Settings;
using McpActors.Host.Tests.Api;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace McpActors.Host.Tests.Security;

/// <summary>When the log-in of a person begins and ends.</summary>
public sealed class LogInTests : IAsyncLifetime, IDisposable
{
    private const string Token = "an access token of the tests";

    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _time = new();
    private readonly TaskCompletionSource _pageOpen = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _pageClosed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ApiServer _api = null!;

    private string TokenFile => _folder.At("token");

    public async Task InitializeAsync()
    {
        File.WriteAllText(TokenFile, Token);
        var host = new HostSettings { AccessToken = Secret.FromFile(TokenFile), TrustedProxies = ["127.0.0.1"] };
        _api = await ApiServer.StartAsync(host: host, time: _time, routes: app => app.MapGet("/_blazor", ServePageAsync));
    }

    public async Task DisposeAsync() => await _api.DisposeAsync();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_cookie_is_worth_nothing_after_its_log_out()
    {
        using var browser = Browser();
        await LogInAsync(browser);
        var stolen = browser.Cookies.GetCookieHeader(_api.Client.BaseAddress!);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(stolen));

        Assert.Equal(HttpStatusCode.Found, (await PostAsync(browser, "/logout")).StatusCode);

        Assert.Equal(HttpStatusCode.Redirect, await StatusAsync(stolen));
    }

    [Fact]
    public async Task A_cookie_is_worth_nothing_once_the_token_is_another()
    {
        using var browser = Browser();
        await LogInAsync(browser);

        File.WriteAllText(TokenFile, "another access token of the tests");

        Assert.Equal(HttpStatusCode.Redirect, (await browser.Client.GetAsync("/api/status")).StatusCode);
        Assert.Equal(HttpStatusCode.Redirect, (await browser.Client.PostAsync("/api/servers/a/disconnect", null)).StatusCode);
        File.WriteAllText(TokenFile, Token);
        Assert.Equal(HttpStatusCode.Redirect, (await browser.Client.GetAsync("/api/status")).StatusCode);
    }

    [Fact]
    public async Task A_cookie_is_worth_nothing_while_there_is_no_token()
    {
        using var browser = Browser();
        await LogInAsync(browser);

        File.Delete(TokenFile);
        Assert.Equal(HttpStatusCode.Redirect, (await browser.Client.GetAsync("/api/status")).StatusCode);
        File.WriteAllText(TokenFile, Token);
        Assert.Equal(HttpStatusCode.OK, (await browser.Client.GetAsync("/api/status")).StatusCode);
    }

    [Fact]
    public async Task A_log_in_ends_after_12_hours_however_much_it_is_used()
    {
        using var browser = Browser();
        await LogInAsync(browser);
        for (var hour = 0; hour < 11; hour++)
        {
            _time.Advance(TimeSpan.FromHours(1));
            Assert.Equal(HttpStatusCode.OK, (await browser.Client.GetAsync("/api/status")).StatusCode);
        }
        var cookie = browser.Cookies.GetCookieHeader(_api.Client.BaseAddress!);

        _time.Advance(TimeSpan.FromHours(1));

        Assert.Equal(HttpStatusCode.Redirect, await StatusAsync(cookie));
    }

    [Fact]
    public async Task Somebody_who_logs_in_again_has_12_hours_again()
    {
        using var browser = Browser();
        await LogInAsync(browser);
        _time.Advance(TimeSpan.FromHours(11));

        await LogInAsync(browser);
        _time.Advance(TimeSpan.FromHours(11));

        Assert.Equal(HttpStatusCode.OK, (await browser.Client.GetAsync("/api/status")).StatusCode);
    }

    [Fact]
    public async Task A_cookie_is_sent_to_pages_of_this_host_only()
    {
        using var browser = Browser();

        var welcome = await PostAsync(browser, "/login", Token);

        var cookie = Assert.Single(
            welcome.Headers.GetValues("Set-Cookie"), value => value.StartsWith("mcp-actors=", StringComparison.Ordinal));
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_browser_without_a_log_in_is_led_to_it_and_a_program_is_refused()
    {
        using var browser = Browser();
        using var program = Browser();
        program.Client.DefaultRequestHeaders.Accept.Clear();

        Assert.Equal(HttpStatusCode.Redirect, (await browser.Client.GetAsync("/api/status")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await program.Client.GetAsync("/api/status")).StatusCode);
    }

    [Fact]
    public async Task A_program_that_accepts_html_is_known_by_its_token()
    {
        using var browser = Browser();
        browser.Client.DefaultRequestHeaders.Authorization = new("Bearer", Token);

        Assert.Equal(HttpStatusCode.OK, (await browser.Client.GetAsync("/api/status")).StatusCode);
    }

    [Fact]
    public async Task The_log_ins_of_one_address_do_not_use_up_those_of_another()
    {
        using var browser = Browser();
        browser.Client.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.1");
        for (var i = 0; i < 11; i++)
            await PostAsync(browser, "/login", "wrong");
        using var other = Browser();
        other.Client.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.2");

        Assert.Equal(HttpStatusCode.TooManyRequests, (await PostAsync(browser, "/login", Token)).StatusCode);
        Assert.Equal(HttpStatusCode.Found, (await PostAsync(other, "/login", Token)).StatusCode);
    }

    [Fact]
    public async Task An_open_page_ends_with_its_log_out()
    {
        using var browser = Browser();
        await LogInAsync(browser);
        var page = browser.Client.GetAsync("/_blazor");
        await _pageOpen.Task;

        await PostAsync(browser, "/logout");
        _time.Advance(OpenPages.Interval);

        await _pageClosed.Task;
        await Assert.ThrowsAsync<HttpRequestException>(() => page);
    }

    [Fact]
    public async Task An_open_page_ends_soon_after_the_token_is_another()
    {
        using var browser = Browser();
        await LogInAsync(browser);
        var page = browser.Client.GetAsync("/_blazor");
        await _pageOpen.Task;
        _time.Advance(OpenPages.Interval);
        // A round trip, in which a page that is ended too early ends.
        Assert.Equal(HttpStatusCode.OK, (await browser.Client.GetAsync("/api/status")).StatusCode);
        Assert.False(_pageClosed.Task.IsCompleted);

        File.WriteAllText(TokenFile, "another access token of the tests");
        _time.Advance(OpenPages.Interval);

        await _pageClosed.Task;
        await Assert.ThrowsAsync<HttpRequestException>(() => page);
    }

    [Fact]
    public async Task Behind_a_proxy_that_ends_TLS_the_cookies_are_secure()
    {
        using var browser = Browser();
        browser.Client.DefaultRequestHeaders.Add("X-Forwarded-Proto", "https");
        // This client would keep secure cookies to itself, since it speaks plain HTTP.
        using var request = new HttpRequestMessage(HttpMethod.Get, "/login");

        var page = await browser.Client.SendAsync(request);

        Assert.All(page.Headers.GetValues("Set-Cookie"), cookie => Assert.Contains("secure", cookie, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Too_many_log_ins_are_refused_in_words_with_the_time_to_wait()
    {
        using var browser = Browser();
        for (var i = 0; i < 10; i++)
            Assert.Equal(HttpStatusCode.Unauthorized, (await PostAsync(browser, "/login", "wrong")).StatusCode);

        var refused = await PostAsync(browser, "/login", Token);

        Assert.Equal((HttpStatusCode.TooManyRequests, "text/html"), (refused.StatusCode, refused.Content.Headers.ContentType!.MediaType));
        Assert.Contains("Too many log-ins from this address", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(11), TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task A_log_out_without_the_secret_of_its_form_is_a_bad_request()
    {
        using var browser = Browser();
        await LogInAsync(browser);

        Assert.Equal(HttpStatusCode.BadRequest, (await browser.Client.PostAsync("/logout", null)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await browser.Client.GetAsync("/api/status")).StatusCode);
    }

    [Theory]
    [InlineData("/routes?x=1", "/routes?x=1")]
    [InlineData("/\t/evil.example", "/")]
    [InlineData("/\n/evil.example", "/")]
    [InlineData("//evil.example", "/")]
    [InlineData("/\\evil.example", "/")]
    [InlineData("https://evil.example", "/")]
    [InlineData("/\u00fc", "/")]
    [InlineData("~/x", "/")]
    [InlineData("", "/")]
    public async Task A_log_in_leads_to_a_page_of_this_host(string returnUrl, string expected)
    {
        using var browser = Browser();

        var welcome = await PostAsync(browser, "/login", Token, returnUrl);

        Assert.Equal((HttpStatusCode.Found, expected), (welcome.StatusCode, welcome.Headers.Location!.ToString()));
    }

    private async Task ServePageAsync(HttpContext context)
    {
        _pageOpen.SetResult();
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            _pageClosed.SetResult();
        }
    }

    private async Task LogInAsync(BrowserClient browser) =>
        Assert.Equal(HttpStatusCode.Found, (await PostAsync(browser, "/login", Token)).StatusCode);

    private static async Task<HttpResponseMessage> PostAsync(
        BrowserClient browser, string path, string token = "", string returnUrl = "/")
    {
        var html = await browser.Client.GetStringAsync("/login");
        var antiforgery = Regex.Match(html, "name=\"(__RequestVerificationToken)\" value=\"([^\"]+)\"");
        return await browser.Client.PostAsync(path, new FormUrlEncodedContent([
            new("token", token), new("returnUrl", returnUrl), new(antiforgery.Groups[1].Value, antiforgery.Groups[2].Value),
        ]));
    }

    private async Task<HttpStatusCode> StatusAsync(string cookie)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/status");
        request.Headers.Add("Cookie", cookie);
        using var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false });
        client.BaseAddress = _api.Client.BaseAddress;
        return (await client.SendAsync(request)).StatusCode;
    }

    private BrowserClient Browser() => new(_api.Client.BaseAddress!);

    private sealed class BrowserClient : IDisposable
    {
        public BrowserClient(Uri address)
        {
            var handler = new HttpClientHandler { CookieContainer = Cookies, AllowAutoRedirect = false };
            Client = new HttpClient(handler) { BaseAddress = address };
            Client.DefaultRequestHeaders.Accept.ParseAdd("text/html");
        }

        public CookieContainer Cookies { get; } = new();

        public HttpClient Client { get; }

        public void Dispose() => Client.Dispose();
    }
}
