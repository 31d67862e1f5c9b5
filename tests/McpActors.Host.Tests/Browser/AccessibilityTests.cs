using McpActors.Transports;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace McpActors.Host.Tests.Browser;

/// <summary>Light and dark, small and large screens, the keyboard, and screen readers.</summary>
[Collection(BrowserCollection.Name)]
public sealed class AccessibilityTests(BrowserFixture browser)
{
    private const string LightBackground = "rgb(245, 246, 248)";
    private const string DarkBackground = "rgb(15, 19, 25)";

    private static readonly (string Page, string Path)[] Paths =
    [
        ("Servers", "/"), ("beta", "/servers/beta"), ("Activity", "/activity"),
        ("Try it", "/try?tool=work"), ("Catalogue", "/catalogue"), ("Routes", "/routes"),
    ];

    [SkippableFact]
    public async Task No_page_has_a_serious_fault_in_light_or_dark()
    {
        await using var host = await DashboardHost.StartAsync(Servers());
        host.Kill("beta");
        await using var dashboard = await browser.OpenAsync(host.Address);
        foreach (var (page, path) in Paths)
        {
            await dashboard.Page.EvaluateAsync("path => Blazor.navigateTo(path)", path);
            await Expect(dashboard.Page.Locator("h1")).ToHaveTextAsync(page);
            foreach (var colours in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark])
            {
                await dashboard.Page.EmulateMediaAsync(new() { ColorScheme = colours });
                await Expect(dashboard.Page.Locator("body")).ToHaveCSSAsync(
                    "background-color", colours == ColorScheme.Light ? LightBackground : DarkBackground);
                await Axe.CheckAsync(dashboard.Page, $"{page}, {colours}");
            }
        }
    }

    [SkippableFact]
    public async Task The_check_reports_a_button_without_a_name_and_pale_text()
    {
        await using var host = await DashboardHost.StartAsync(Servers());
        await using var dashboard = await browser.OpenAsync(host.Address);
        await dashboard.Page.EvaluateAsync(
            "document.body.insertAdjacentHTML('beforeend', '<button></button><p style=\"color: #777; background: #888\">pale</p>')");

        var failure = await Assert.ThrowsAsync<Xunit.Sdk.FailException>(() => Axe.CheckAsync(dashboard.Page, "here"));

        Assert.Contains("here: button-name: ", failure.Message, StringComparison.Ordinal);
        Assert.Contains("here: color-contrast: ", failure.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task The_pages_of_a_cluster_have_no_serious_fault_and_fit_a_phone()
    {
        await using var cluster = await TwoNodes.StartAsync();
        await cluster.Second.Pool.CommandAsync(new IsolateServer("own"));
        var phone = new BrowserNewContextOptions { ViewportSize = new() { Width = 390, Height = 844 }, IsMobile = true, HasTouch = true };
        foreach (var (device, options) in new (string, BrowserNewContextOptions?)[] { ("large", null), ("phone", phone) })
        {
            await using var dashboard = await browser.OpenAsync(cluster.First.Address, "nodes", options);
            foreach (var (page, path) in new[] { ("Nodes", "/nodes"), ("own", "/servers/own") })
            {
                await dashboard.Page.EvaluateAsync("path => Blazor.navigateTo(path)", path);
                await Expect(dashboard.Page.Locator("h1")).ToHaveTextAsync(page);
                await Expect(dashboard.Page.Locator("tr[data-node]")).ToHaveCountAsync(2);
                Assert.Equal(
                    device == "phone" ? 390 : 1440, await dashboard.Page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
                foreach (var colours in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark])
                {
                    await dashboard.Page.EmulateMediaAsync(new() { ColorScheme = colours });
                    await Expect(dashboard.Page.Locator("body")).ToHaveCSSAsync(
                        "background-color", colours == ColorScheme.Light ? LightBackground : DarkBackground);
                    await Axe.CheckAsync(dashboard.Page, $"{page}, {device}, {colours}");
                }
            }
        }
    }

    [SkippableFact]
    public async Task Nothing_that_opens_has_a_serious_fault()
    {
        await using var host = await DashboardHost.StartAsync(Servers());
        await using (var dashboard = await browser.OpenAsync(host.Address))
        {
            await dashboard.Button("Commands for alpha").ClickAsync();
            await Expect(dashboard.Page.GetByRole(AriaRole.Menuitem, new() { Name = "Isolate" })).ToBeVisibleAsync();
            await Axe.CheckAsync(dashboard.Page, "menu");
            await dashboard.Page.GetByRole(AriaRole.Menuitem, new() { Name = "Isolate" }).ClickAsync();
            await Expect(dashboard.Page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
            await Axe.CheckAsync(dashboard.Page, "dialog");
        }

        await using (var dashboard = await browser.OpenAsync(host.Address, "try"))
        {
            await dashboard.Page.GetByLabel("Tool").FocusAsync();
            await Expect(dashboard.Page.GetByRole(AriaRole.Listbox).GetByRole(AriaRole.Option).First).ToBeVisibleAsync();
            await Axe.CheckAsync(dashboard.Page, "list of tools");
            await dashboard.Page.GetByRole(AriaRole.Listbox).GetByRole(AriaRole.Option).First.ClickAsync();
            await dashboard.Button("Execute on next server").ClickAsync();
            await Expect(dashboard.Page.Locator(".verdict")).ToBeVisibleAsync();
            await Axe.CheckAsync(dashboard.Page, "result");
        }
    }

    [SkippableFact]
    public async Task On_a_phone_no_page_is_wider_than_the_screen()
    {
        await using var host = await DashboardHost.StartAsync(Servers());
        host.Kill("beta");
        var phone = new BrowserNewContextOptions { ViewportSize = new() { Width = 390, Height = 844 }, IsMobile = true, HasTouch = true };
        await using var dashboard = await browser.OpenAsync(host.Address, options: phone);
        foreach (var name in (string[])["Servers", "Activity", "Try it", "Catalogue", "Routes"])
        {
            await dashboard.Page.GetByRole(AriaRole.Navigation).GetByRole(AriaRole.Link, new() { Name = name }).TapAsync();
            await Expect(dashboard.Page.Locator("h1")).ToHaveTextAsync(name);
            Assert.Equal(390, await dashboard.Page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        }

        await dashboard.Page.GetByRole(AriaRole.Navigation).GetByRole(AriaRole.Link, new() { Name = "Servers" }).TapAsync();
        await Expect(dashboard.Row("beta")).ToBeVisibleAsync();
        await Axe.CheckAsync(dashboard.Page, "the servers on a phone");
    }

    [SkippableFact]
    public async Task The_colours_follow_the_system_until_they_are_chosen_and_the_choice_is_remembered()
    {
        await using var host = await DashboardHost.StartAsync(Servers());
        await using var dashboard = await browser.OpenAsync(host.Address, options: new() { ColorScheme = ColorScheme.Dark });
        var (page, root) = (dashboard.Page, dashboard.Page.Locator("html"));

        await Expect(root).ToHaveAttributeAsync("data-theme", "dark");
        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light });
        await Expect(root).ToHaveAttributeAsync("data-theme", "light");
        await Expect(page.Locator("body")).ToHaveCSSAsync("background-color", LightBackground);

        await dashboard.Button("Colours").ClickAsync();
        await page.GetByRole(AriaRole.Menuitem, new() { Name = "Dark" }).ClickAsync();
        await Expect(page.Locator("body")).ToHaveCSSAsync("background-color", DarkBackground);

        await page.ReloadAsync();
        await Expect(root).ToHaveAttributeAsync("data-theme", "dark");
        await Expect(page.Locator("body")).ToHaveCSSAsync("background-color", DarkBackground);
    }

    [SkippableFact]
    public async Task A_command_is_given_with_the_keyboard_alone()
    {
        await using var host = await DashboardHost.StartAsync(Servers());
        await using var dashboard = await browser.OpenAsync(host.Address);
        var (page, keyboard) = (dashboard.Page, dashboard.Page.Keyboard);

        await dashboard.Button("Commands for alpha").FocusAsync();
        await keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Menuitem, new() { Name = "Isolate" })).ToBeVisibleAsync();
        // A menu ignores keys until it has the focus.
        await Expect(page.Locator(".mud-popover:focus, .mud-popover :focus, [role=menu]:focus, [role=menu] :focus")).ToHaveCountAsync(1);
        await keyboard.PressAsync("ArrowDown");
        await Expect(page.GetByRole(AriaRole.Menuitem, new() { Name = "Disconnect", Exact = true })).ToBeFocusedAsync();
        // Connect and Reset circuit are disabled and skipped.
        foreach (var command in (string[])["Reconnect", "Drain", "Isolate"])
        {
            await keyboard.PressAsync("ArrowDown");
            await Expect(page.GetByRole(AriaRole.Menuitem, new() { Name = command, Exact = true })).ToBeFocusedAsync();
        }

        await keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Isolate" }).FocusAsync();
        await keyboard.PressAsync("Enter");

        await Expect(dashboard.Row("alpha").Locator(".circuit")).ToHaveTextAsync("Isolated");
    }

    [SkippableFact]
    public async Task A_screen_reader_announces_a_failed_server()
    {
        await using var host = await DashboardHost.StartAsync(Servers());
        await using var dashboard = await browser.OpenAsync(host.Address);
        // Events before the first status are not announced, so wait until the page has it.
        await host.PagesUpdatedAsync();
        await dashboard.Page.GetByLabel("Search servers").FillAsync("beta");
        await Expect(dashboard.Row("alpha")).ToHaveCountAsync(0);
        await Expect(dashboard.Row("beta")).ToHaveAttributeAsync("data-status", "Connected");

        host.Kill("beta");

        await Expect(dashboard.Page.Locator("[aria-live=polite]")).ToHaveTextAsync("beta failed");
    }

    private static MemoryServers Servers()
    {
        var servers = new MemoryServers();
        servers.Add("alpha").Tool("work", () => new { done = true }, new() { Description = "Works.", ReadOnly = true });
        servers.Add("beta").Tool("work", () => new { done = true }).Tool("pay", () => "paid");
        return servers;
    }
}
