using System.Text.RegularExpressions;
using McpActors.Configuration;
using McpActors.Transports;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace McpActors.Host.Tests.Browser;

[Collection(BrowserCollection.Name)]
public sealed class CatalogueAndRoutesTests(BrowserFixture browser)
{
    [SkippableFact]
    public async Task The_catalogue_is_searched_and_leads_to_trying_a_tool()
    {
        var servers = new MemoryServers();
        servers.Add("alpha")
            .Tool("readFile", () => "text", new() { Description = "Reads a file.", ReadOnly = true }).Tool("now", () => "noon")
            .Resource("notes://today", () => "nothing").Prompt("greet", _ => "hello", "Greets somebody.");
        servers.Add("beta").Tool("readFile", () => "text");
        await using var host = await DashboardHost.StartAsync(servers);
        await using var dashboard = await browser.OpenAsync(host.Address, "catalogue");
        var entries = dashboard.Page.Locator(".catalogue li");

        await Expect(entries).ToHaveCountAsync(2);
        await dashboard.Page.GetByLabel("Search the catalogue").FillAsync("reads a");
        await Expect(entries).ToHaveCountAsync(1);
        await Expect(entries.First).ToContainTextAsync("readFile");
        await Expect(entries.First).ToContainTextAsync("alpha, beta");

        await dashboard.Page.GetByLabel("Search the catalogue").FillAsync("");
        await dashboard.Button("Prompts 1").ClickAsync();
        await Expect(entries.First).ToContainTextAsync("Greets somebody.");
        await dashboard.Button("Resources 1").ClickAsync();
        await Expect(entries.First).ToContainTextAsync("notes://today");

        await dashboard.Button("Tools 2").ClickAsync();
        await dashboard.Page.GetByRole(AriaRole.Link, new() { Name = "Try readFile" }).ClickAsync();
        await Expect(dashboard.Page.GetByRole(AriaRole.Combobox, new() { Name = "Tool" })).ToHaveValueAsync("readFile");
    }

    [SkippableFact]
    public async Task The_catalogue_follows_the_servers()
    {
        var servers = new MemoryServers();
        // In this revision servers report changes without a subscription.
        servers.Add("alpha").Tool("one", () => "1").ProtocolVersion = "2025-11-25";
        await using var host = await DashboardHost.StartAsync(servers);
        await using var dashboard = await browser.OpenAsync(host.Address, "catalogue");
        await Expect(dashboard.Page.Locator(".catalogue li")).ToHaveCountAsync(1);

        host.Servers["alpha"].Tool("two", () => "2");

        await Expect(dashboard.Page.Locator(".catalogue li")).ToHaveCountAsync(2);
    }

    [SkippableFact]
    public async Task Routes_are_listed_and_explain_shows_where_a_call_would_go_now()
    {
        var servers = new MemoryServers();
        servers.Add("files-1").Tool("read_file", () => "text");
        servers.Add("files-2").Tool("read_file", () => "text");
        servers.Add("other").Tool("now", () => "noon");
        await using var host = await DashboardHost.StartAsync(servers, new PoolSettings
        {
            Servers = [DashboardHost.Memory("files-1", "files"), DashboardHost.Memory("files-2", "files"), DashboardHost.Memory("other")],
            Routes = [new() { Match = "read_*", Group = "files", LoadBalancing = "least-connections" },
                new() { Match = "now", Server = "other" }],
        });
        await host.Pool.CommandAsync(new IsolateServer("files-2"));
        await using var dashboard = await browser.OpenAsync(host.Address, "routes");
        var page = dashboard.Page;

        await Expect(page.Locator(".routes tbody tr")).ToHaveTextAsync(
        [
            new Regex(@"read_\*\s*group files\s*least-connections\s*2 of 2"),
            new Regex(@"now\s*server other\s*–\s*1 of 1"),
            new Regex(@"all other calls\s*group default\s*round-robin\s*1 of 1"),
        ]);

        await page.GetByLabel("Tool or method").FillAsync("read_file");
        await dashboard.Button("Explain").ClickAsync();
        await Expect(page.Locator(".answer")).ToContainTextAsync("read_*");
        await Expect(page.Locator(".answer")).ToContainTextAsync("group files");
        await Expect(page.Locator("[data-usable=yes]")).ToContainTextAsync("files-1");
        await Expect(page.Locator("[data-usable=no]")).ToContainTextAsync("isolated");

        await host.Pool.CommandAsync(new ResetCircuit("files-2"));
        await Expect(page.Locator("[data-usable=yes]")).ToHaveCountAsync(2);
    }
}
