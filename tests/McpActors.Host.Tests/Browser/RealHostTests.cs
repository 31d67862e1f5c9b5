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
}
