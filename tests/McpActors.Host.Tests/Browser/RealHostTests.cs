using McpActors.Host.Tests.Processes;
using static Microsoft.Playwright.Assertions;

namespace McpActors.Host.Tests.Browser;

/// <summary>The pages of the real program, with its assets in the folders of the build.</summary>
[Collection(BrowserCollection.Name)]
public sealed class RealHostTests(BrowserFixture browser)
{
    // Nothing listens at the address of this server: its first attempt fails, and the next one starts long after.
    private const string Wait = "reconnect.min-backoff = 30s";

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
    public async Task A_page_follows_the_configuration_file_and_shows_why_a_bad_one_was_rejected()
    {
        using var file = new TempFile($$"""mcp-actors.pool { {{Wait}}, servers { one { uri = "ws://127.0.0.1:1" } } }""");
        await using var host = await HostProcess.ServeAsync("--config", file.Name);
        await using var dashboard = await browser.OpenAsync(host.Client.BaseAddress!, "routes");
        // Events before the first status do not reach the page.
        await Expect(dashboard.Page.Locator(".pool-pill")).ToHaveTextAsync("0 of 1 connected");
        var rows = dashboard.Page.Locator(".routes tbody tr");
        await Expect(rows).ToHaveCountAsync(1);

        file.Write($$"""
            mcp-actors.pool {
              {{Wait}}
              servers { one { uri = "ws://127.0.0.1:1" }, two { uri = "ws://127.0.0.1:2" } }
              routes = [ { match = "get*", server = two } ]
            }
            """);
        await Expect(rows).ToHaveCountAsync(2);
        await Expect(rows.First).ToContainTextAsync("server two");

        file.Write("mcp-actors.pool { max-in-flight = none }");
        await Expect(dashboard.Page.Locator(".refused")).ToContainTextAsync("max-in-flight");

        await dashboard.Page.GotoAsync(host.Client.BaseAddress!.ToString());
        await Expect(dashboard.Page.Locator("tr.server")).ToHaveCountAsync(2);
        await dashboard.Page.GotoAsync(new Uri(host.Client.BaseAddress!, "activity").ToString());
        await Expect(dashboard.Page.Locator(".feed")).ToContainTextAsync("The configuration was applied");
        await Expect(dashboard.Page.Locator(".feed")).ToContainTextAsync("added two; changed routes");
        await Expect(dashboard.Page.Locator(".feed")).ToContainTextAsync("was rejected");
    }
}
