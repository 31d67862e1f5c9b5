using System.Globalization;
using System.Text.RegularExpressions;
using McpActors.Chaos.Cluster;
using McpActors.Configuration;
using McpActors.Transports;
using static Microsoft.Playwright.Assertions;

namespace McpActors.Host.Tests.Browser;

[Collection(BrowserCollection.Name)]
public sealed class ServersPageTests(BrowserFixture browser)
{
    [SkippableFact]
    public async Task A_row_has_everything_an_operator_asks_of_a_server()
    {
        var servers = new MemoryServers();
        servers.Add("alpha").Tool("work", () => new { ok = true });
        await using var host = await DashboardHost.StartAsync(
            servers, new PoolSettings { Servers = [DashboardHost.Memory("alpha", priority: 7) with { Weight = 3 }] });
        for (var i = 0; i < 20; i++)
            await host.Pool.CallToolAsync("work");
        await using var dashboard = await browser.OpenAsync(host.Address);
        var row = dashboard.Row("alpha");

        await Expect(row.Locator(".c-name")).ToContainTextAsync("memory://alpha");
        await Expect(row.Locator(".c-status")).ToContainTextAsync("Connected");
        await Expect(row.Locator(".c-status")).ToContainTextAsync("Circuit closed");
        await Expect(row.Locator(".c-priority")).ToHaveTextAsync("7weight 3");
        await Expect(row.Locator(".c-flight")).ToHaveTextAsync("0");
        await Expect(row.Locator(".c-rate")).ToHaveTextAsync(new Regex(@"^\d(\.\d)?$"));
        await Expect(row.Locator(".c-errors")).ToHaveTextAsync("0 %");
        await Expect(row.Locator(".c-latency")).ToHaveTextAsync(new Regex(@"^[\d.]+ m?s[\d.]+ m?s$"));
        await Expect(row.Locator(".c-protocol")).ToHaveTextAsync("2026-07-28alpha 1.0.0");
    }

    [SkippableFact]
    public async Task A_server_that_is_killed_turns_red_with_its_error_and_a_countdown_and_green_when_it_is_back()
    {
        var servers = new MemoryServers();
        servers.Add("alpha");
        servers.Add("beta");
        await using var host = await DashboardHost.StartAsync(servers);
        await using var dashboard = await browser.OpenAsync(host.Address);
        var row = dashboard.Row("beta");
        await Expect(row).ToHaveAttributeAsync("data-status", "Connected");

        host.Kill("beta");
        await Expect(row).ToHaveAttributeAsync("data-status", "Error");
        await Expect(row.Locator(".status")).ToHaveClassAsync(new Regex("bad"));
        await Expect(row.Locator(".c-error")).ToContainTextAsync("refuses connections");
        await Expect(row.Locator(".c-error")).ToContainTextAsync(new Regex(@"(now|\d+ s ago) · next try (now|in \d+ s)"));
        await Expect(dashboard.Page.Locator(".pool-pill")).ToHaveTextAsync("1 of 2 connected");

        host.Raise("beta");
        await Expect(row).ToHaveAttributeAsync("data-status", "Connected");
        await Expect(row.Locator(".status")).ToHaveClassAsync(new Regex("good"));
    }

    [SkippableFact]
    public async Task Servers_are_grouped_and_can_be_searched_filtered_and_sorted()
    {
        var servers = new MemoryServers();
        foreach (var name in (string[])["files-1", "search-1", "search-2"])
            servers.Add(name);
        await using var host = await DashboardHost.StartAsync(servers, new PoolSettings
        {
            Servers =
            [
                DashboardHost.Memory("search-1", "search"), DashboardHost.Memory("search-2", "search"),
                DashboardHost.Memory("files-1", "files"),
            ],
        });
        await using var dashboard = await browser.OpenAsync(host.Address);
        var names = dashboard.Page.Locator("tr.server .c-name a");

        await Expect(dashboard.Page.Locator("tr.group .group-name")).ToHaveTextAsync(["search", "files"]);
        await Expect(names).ToHaveTextAsync(["search-1", "search-2", "files-1"]);

        await dashboard.Button("Server").ClickAsync();
        await dashboard.Button("Server").ClickAsync();
        await Expect(names).ToHaveTextAsync(["search-2", "search-1", "files-1"]);

        await dashboard.Page.GetByLabel("Search servers").FillAsync("search");
        await Expect(names).ToHaveTextAsync(["search-2", "search-1"]);

        host.Kill("search-1");
        await dashboard.Button("Error 1").ClickAsync();
        await Expect(names).ToHaveTextAsync(["search-1"]);
    }

    [SkippableFact]
    public async Task Of_hundreds_of_servers_only_the_visible_ones_are_rendered()
    {
        const int many = 300;
        var servers = new MemoryServers();
        var names = Enumerable.Range(0, many).Select(i => string.Create(CultureInfo.InvariantCulture, $"server-{i:000}")).ToList();
        foreach (var name in names)
            servers.Add(name);
        await using var host = await DashboardHost.StartAsync(servers);
        await using var dashboard = await browser.OpenAsync(host.Address);

        await Expect(dashboard.Row(names[0])).ToBeVisibleAsync();
        Assert.InRange(await dashboard.Page.Locator("tr.server").CountAsync(), 10, 60);

        await dashboard.Page.EvaluateAsync("window.scrollTo(0, document.body.scrollHeight)");
        await Expect(dashboard.Row(names[^1])).ToBeInViewportAsync();
    }

    [SkippableFact]
    public async Task A_server_has_a_page_of_its_own()
    {
        var servers = new MemoryServers();
        servers.Add("alpha").Tool("work", () => "done");
        await using var host = await DashboardHost.StartAsync(servers);
        await using var dashboard = await browser.OpenAsync(host.Address);

        await dashboard.Row("alpha").GetByRole(Microsoft.Playwright.AriaRole.Link).ClickAsync();
        await Expect(dashboard.Page.Locator("h1")).ToHaveTextAsync("alpha");
        await Expect(dashboard.Page.Locator(".facts")).ToContainTextAsync("Reconnected");

        await dashboard.Button("Isolate").ClickAsync();
        await dashboard.AnswerAsync("Isolate");
        await Expect(dashboard.Page.Locator(".circuit")).ToHaveTextAsync("Isolated");
        await dashboard.Button("Reset circuit").ClickAsync();
        await Expect(dashboard.Page.Locator(".circuit")).ToHaveTextAsync("Circuit closed");
    }

    [SkippableFact]
    public async Task A_page_reports_that_its_host_is_gone_and_continues_when_it_is_back()
    {
        var servers = new MemoryServers();
        servers.Add("alpha");
        // A port that the system gives to no other process while the host is down.
        var address = new Uri($"http://127.0.0.1:{FreePorts.Take(1)[0]}");
        var host = await DashboardHost.StartAsync(servers, address: address);
        await using var page = await browser.OpenAsync(address);
        await Expect(page.Row("alpha")).ToBeVisibleAsync();

        page.ExpectTheHostToEnd();
        host.BeginToStop();
        var notice = page.Page.Locator("#components-reconnect-modal");
        await Expect(notice).ToContainTextAsync("The connection to the host is lost.");
        await Expect(notice).ToBeVisibleAsync();
        await host.DisposeAsync();

        servers.Add("beta");
        await using var again = await DashboardHost.StartAsync(servers, address: address);
        await Expect(page.Row("beta")).ToBeVisibleAsync();
        await Expect(notice).ToBeHiddenAsync();
    }
}
