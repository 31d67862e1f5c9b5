using McpActors.Host.Tests.Api;
using McpActors.Host.Tests.Processes;
using static Microsoft.Playwright.Assertions;

namespace McpActors.Host.Tests.Browser;

/// <summary>The pages of the program as it is started, with its assets where the build puts them.</summary>
[Collection(BrowserCollection.Name)]
public sealed class RealHostTests(BrowserFixture browser)
{
    [SkippableFact]
    public async Task The_program_serves_its_pages_and_they_follow_what_others_do()
    {
        await using var host = await HostProcess.DemoAsync();
        await using var dashboard = await browser.OpenAsync(host.Client.BaseAddress!);
        await Expect(dashboard.Page.Locator("tr.server")).ToHaveCountAsync(3);

        await host.Client.PostAsync("/api/servers/primary-server/disconnect", null);

        await Expect(dashboard.Row("primary-server")).ToHaveAttributeAsync("data-status", "Disconnected");
    }

    [SkippableFact]
    public async Task A_page_says_that_its_host_is_gone()
    {
        await using var host = await HostProcess.DemoAsync();
        await using var dashboard = await browser.OpenAsync(host.Client.BaseAddress!);
        await Expect(dashboard.Page.Locator("tr.server")).ToHaveCountAsync(3);

        dashboard.ExpectTheHostToEnd();
        host.Signal("TERM");

        await Expect(dashboard.Page.Locator("#components-reconnect-modal")).ToBeVisibleAsync();
        await host.EndAsync();
    }

    [SkippableFact]
    public async Task A_person_logs_in_works_and_logs_out()
    {
        const string token = "an access token of the tests";
        await using var host = await HostProcess.DemoAsync(new() { ["MCP_ACTORS_ACCESS_TOKEN"] = token });
        await using var dashboard = await browser.OpenAsync(host.Client.BaseAddress!);

        await dashboard.Page.GetByLabel("Access token").FillAsync(token);
        await dashboard.Button("Log in").ClickAsync();
        await Expect(dashboard.Page.Locator("tr.server")).ToHaveCountAsync(3);

        await dashboard.Button("Log out").ClickAsync();
        await Expect(dashboard.Page.GetByLabel("Access token")).ToBeVisibleAsync();
        await dashboard.Page.GotoAsync(host.Client.BaseAddress!.ToString());
        await Expect(dashboard.Page.GetByLabel("Access token")).ToBeVisibleAsync();
    }

    [SkippableFact]
    public async Task A_page_follows_the_configuration_file_and_says_why_a_bad_one_is_not_taken()
    {
        await using var demo = await HostProcess.DemoAsync();
        var endpoint = (await (await demo.Client.GetAsync("/api/status")).JsonAsync()).GetProperty("servers")[0].GetProperty("endpoint").GetString();
        var server = $$"""uri = "{{endpoint}}", auth { type = token, token = primary-token }""";
        using var file = new TempFile($$"""mcp-actors.pool.servers { one { {{server}} } }""");
        await using var host = await HostProcess.ServeAsync("--config", file.Name);
        await using var dashboard = await browser.OpenAsync(host.Client.BaseAddress!, "routes");
        var rows = dashboard.Page.Locator(".routes tbody tr");
        await Expect(rows).ToHaveCountAsync(1);

        file.Write($$"""mcp-actors.pool { servers { one { {{server}} }, two { {{server}} } }, routes = [ { match = "get*", server = two } ] }""");
        await Expect(rows).ToHaveCountAsync(2);
        await Expect(rows.First).ToContainTextAsync("server two");

        file.Write("mcp-actors.pool { max-in-flight = none }");
        await Expect(dashboard.Page.Locator(".refused")).ToContainTextAsync("max-in-flight");

        await dashboard.Page.GotoAsync(host.Client.BaseAddress!.ToString());
        await Expect(dashboard.Page.Locator("tr.server")).ToHaveCountAsync(2);
        await dashboard.Page.GotoAsync(new Uri(host.Client.BaseAddress!, "activity").ToString());
        await Expect(dashboard.Page.Locator(".feed")).ToContainTextAsync("The configuration was applied");
        await Expect(dashboard.Page.Locator(".feed")).ToContainTextAsync("added two; changed routes");
        await Expect(dashboard.Page.Locator(".feed")).ToContainTextAsync("was not applied");
    }
}
