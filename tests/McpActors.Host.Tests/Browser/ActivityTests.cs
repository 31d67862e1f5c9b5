using System.Text.RegularExpressions;
using McpActors.Configuration;
using McpActors.Transports;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace McpActors.Host.Tests.Browser;

[Collection(BrowserCollection.Name)]
public sealed class ActivityTests(BrowserFixture browser)
{
    [SkippableFact]
    public async Task Charts_show_the_last_15_minutes_of_all_servers_and_of_one()
    {
        var servers = new MemoryServers();
        servers.Add("alpha");
        servers.Add("beta");
        await using var host = await DashboardHost.StartAsync(
            servers, history: PastStatuses.Of(["alpha", "beta"], (_, server) => server == 0 ? (50, 5, 2) : (150, 0, 4)));
        await using var dashboard = await browser.OpenAsync(host.Address, "activity");
        var charts = dashboard.Page.GetByRole(AriaRole.Img);

        await Expect(charts.Nth(0)).ToHaveAttributeAsync("aria-label", new Regex("^Throughput .*at most 40$"));
        await Expect(charts.Nth(1)).ToHaveAttributeAsync("aria-label", new Regex("^Errors .*at most 1$"));
        await Expect(charts.Nth(2)).ToHaveAttributeAsync("aria-label", new Regex("^Latency .*p50 now .*at most 3.5; p99 .*at most 14$"));

        await dashboard.Page.GetByLabel("Charts of").SelectOptionAsync("alpha");
        await Expect(charts.Nth(0)).ToHaveAttributeAsync("aria-label", new Regex("^Throughput .*at most 10$"));

        await dashboard.Page.Locator(".plot").First.HoverAsync();
        await Expect(dashboard.Page.Locator(".plot .reading").First).ToHaveTextAsync(new Regex(@"^\d+ min( \d+ s)? ago · calls 10$"));
    }

    [SkippableFact]
    public async Task Failovers_and_circuit_changes_appear_as_they_happen()
    {
        var servers = new MemoryServers();
        servers.Add("alpha").Tool("work", () => throw new InvalidOperationException("broken"));
        servers.Add("beta").Tool("work", () => "done");
        await using var host = await DashboardHost.StartAsync(servers, new PoolSettings
        {
            Servers = [DashboardHost.Memory("alpha"), DashboardHost.Memory("beta", priority: 2)],
        });
        await using var dashboard = await browser.OpenAsync(host.Address, "activity");
        var feed = dashboard.Page.Locator(".feed");

        for (var i = 0; i < 6; i++)
            await host.Pool.CallToolAsync("work", options: new CallOptions { Mode = CallMode.Failover });

        await Expect(feed).ToContainTextAsync("work moved from alpha to beta");
        await Expect(feed).ToContainTextAsync("The circuit of alpha opened");

        await dashboard.Button("Circuits").ClickAsync();
        await Expect(feed).Not.ToContainTextAsync("moved from");
        await Expect(feed).ToContainTextAsync("The circuit of alpha opened");
    }
}
