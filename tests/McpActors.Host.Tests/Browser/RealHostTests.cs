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
    public async Task An_edited_configuration_shows_on_the_page_and_a_bad_one_says_why_it_was_not_applied()
    {
        using var file = new TempFile("""mcp-actors.pool { reconnect.min-backoff = 30s, servers { one { uri = "ws://127.0.0.1:1" } } }""");
        await using var host = await HostProcess.ServeAsync("--config", file.Name);
        await using var dashboard = await browser.OpenAsync(host.Client.BaseAddress!);
        await Expect(dashboard.Page.Locator("tr.server")).ToHaveCountAsync(1);

        file.Write("""mcp-actors.pool { reconnect.min-backoff = 30s, servers { one { uri = "ws://127.0.0.1:1" }, two { uri = "ws://127.0.0.1:2" } } }""");
        await Expect(dashboard.Row("two")).ToBeVisibleAsync();

        file.Write("mcp-actors.pool { max-queue = many }");
        await Expect(dashboard.Page.Locator("[data-problem=configuration]")).ToContainTextAsync("max-queue");
        await Expect(dashboard.Page.Locator("tr.server")).ToHaveCountAsync(2);
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
}
