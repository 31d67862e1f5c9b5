using System.Text.Json;
using McpActors.Configuration;
using McpActors.Host.Demo;
using McpActors.Transports;
using Microsoft.Extensions.Time.Testing;
using Microsoft.Playwright;
using ModelContextProtocol.Protocol;
using static Microsoft.Playwright.Assertions;

namespace McpActors.Host.Tests.Browser;

[Collection(BrowserCollection.Name)]
public sealed class TryItTests(BrowserFixture browser)
{
    private static readonly MemoryToolOptions ReadOnly = new() { ReadOnly = true };

    /// <summary>Longer than any test: the call ends when the test ends it.</summary>
    private static readonly TimeSpan LongEnough = TimeSpan.FromMinutes(5);

    [SkippableFact]
    public async Task Execute_on_next_server_goes_to_the_servers_in_turn()
    {
        var servers = new MemoryServers();
        servers.Add("alpha").Tool("getData", () => new { source = "first" });
        servers.Add("beta").Tool("getData", () => new { source = "second" });
        await using var host = await DashboardHost.StartAsync(servers);
        await using var dashboard = await browser.OpenAsync(host.Address, "try?tool=getData");

        await dashboard.Button("Execute on next server").ClickAsync();
        await Expect(Verdict(dashboard, "answered")).ToContainTextAsync("alpha answered");
        await Expect(dashboard.Page.Locator(".part pre").First).ToContainTextAsync("first");

        await dashboard.Button("Execute on next server").ClickAsync();
        await Expect(Verdict(dashboard, "answered")).ToContainTextAsync("beta answered");
    }

    [SkippableFact]
    public async Task Execute_with_failover_shows_the_failed_and_the_answering_server()
    {
        var servers = new MemoryServers();
        servers.Add("primary").Tool("getData", () => throw new InvalidOperationException("the disk is full"));
        servers.Add("secondary").Tool("getData", () => new { source = "secondary" });
        await using var host = await DashboardHost.StartAsync(servers, new PoolSettings
        {
            Servers = [DashboardHost.Memory("secondary", priority: 2), DashboardHost.Memory("primary", priority: 1)],
        });
        await using var dashboard = await browser.OpenAsync(host.Address, "try?tool=getData");

        await dashboard.Button("Execute with failover").ClickAsync();

        await Expect(Verdict(dashboard, "answered")).ToContainTextAsync("after 1 other attempt");
        var attempts = dashboard.Page.Locator(".attempts li");
        await Expect(attempts).ToHaveCountAsync(2);
        await Expect(attempts.First).ToContainTextAsync("the disk is full");
        await Expect(attempts.Last).ToContainTextAsync("secondary answered");
    }

    [SkippableFact]
    public async Task A_form_made_from_the_schema_sends_typed_arguments_and_reports_missing_ones()
    {
        var servers = new MemoryServers();
        servers.Add("alpha").Tool("order", () => "ordered", ReadOnly with
        {
            InputSchema = JsonElement.Parse("""
                {
                  "type": "object", "required": ["item"],
                  "properties": {
                    "item": { "type": "string", "title": "Item", "description": "What to order." },
                    "count": { "type": "integer", "minimum": 1, "default": 1 },
                    "size": { "enum": ["small", "large"] },
                    "gift": { "type": "boolean" },
                    "notes": { "type": "array", "items": { "type": "string" } },
                    "to": { "type": "object", "title": "Recipient", "properties": { "city": { "type": "string" } } }
                  }
                }
                """),
        });
        await using var host = await DashboardHost.StartAsync(servers);
        await using var dashboard = await browser.OpenAsync(host.Address, "try?tool=order");
        var page = dashboard.Page;

        await page.GetByLabel("count").FillAsync("none");
        await dashboard.Button("Execute on next server").ClickAsync();
        await Expect(page.Locator("#field-item-hint")).ToContainTextAsync("This field is required.");
        await Expect(page.Locator("#field-count-hint")).ToContainTextAsync("'none' is not a number.");

        await page.GetByLabel("Item").FillAsync("tea");
        await page.GetByLabel("count").FillAsync("3");
        await page.GetByLabel("size").SelectOptionAsync("large");
        await page.GetByLabel("gift").CheckAsync();
        await page.GetByLabel("notes").FillAsync("green\nloose");
        await page.GetByLabel("city").FillAsync("Utrecht");
        await dashboard.Button("Execute on next server").ClickAsync();

        await Expect(Verdict(dashboard, "answered")).ToBeVisibleAsync();
        var sent = host.Servers["alpha"].Calls.Single(call => call.Name == "order").Arguments;
        Assert.Equal(
            """{"item":"tea","count":3,"size":"large","gift":true,"notes":["green","loose"],"to":{"city":"Utrecht"}}""",
            JsonSerializer.Serialize(sent));
    }

    [SkippableFact]
    public async Task The_arguments_can_be_written_as_JSON()
    {
        var servers = new MemoryServers();
        servers.Add("alpha").Tool("echo", call => new { said = call["text"].GetString() }, ReadOnly with
        {
            InputSchema = JsonElement.Parse("""{ "type": "object", "properties": { "text": { "type": "string" } } }"""),
        });
        await using var host = await DashboardHost.StartAsync(servers);
        await using var dashboard = await browser.OpenAsync(host.Address, "try?tool=echo");
        var raw = dashboard.Page.GetByLabel("Arguments as JSON");

        await dashboard.Page.GetByLabel("text", new() { Exact = true }).FillAsync("from the form");
        await dashboard.Button("JSON").ClickAsync();
        await Expect(raw).ToHaveValueAsync("{\n  \"text\": \"from the form\"\n}");

        await raw.FillAsync("{ text }");
        await dashboard.Button("Execute on next server").ClickAsync();
        await Expect(dashboard.Page.Locator(".arguments [role=alert]")).ToContainTextAsync("This is not valid JSON (line 1, byte 3).");

        await raw.FillAsync("""{ "text": "by hand" }""");
        await dashboard.Button("Execute on next server").ClickAsync();
        await Expect(dashboard.Page.Locator(".part pre").First).ToContainTextAsync("by hand");
    }

    [SkippableFact]
    public async Task Progress_is_shown_while_it_runs_and_cancel_ends_it()
    {
        var clock = new WaitedForClock();
        await using var demo = await DemoServers.StartAsync(firstPort: 0, clock);
        await using var host = await DashboardHost.StartAsync(settings: demo.Pool with { CallTimeout = LongEnough });
        await using var dashboard = await browser.OpenAsync(host.Address, "try?tool=countDown");
        var progress = dashboard.Page.Locator(".progress");

        await dashboard.Button("Execute with failover").ClickAsync();
        await Expect(progress).ToContainTextAsync("primary-server is at 0 of 5.");
        // The tool starts its wait after the report; only time that passes then counts.
        await Eventually.TrueAsync(() => Task.FromResult(clock.IsWaitedFor));
        clock.Advance(TimeSpan.FromSeconds(1));
        await Expect(progress).ToContainTextAsync("primary-server is at 1 of 5.");

        await dashboard.Button("Cancel").ClickAsync();
        await Expect(Verdict(dashboard, "Cancelled")).ToContainTextAsync("You cancelled the call.");
    }

    [SkippableFact]
    public async Task An_image_is_shown_as_an_image()
    {
        await using var demo = await DemoServers.StartAsync(firstPort: 0, TimeProvider.System);
        await using var host = await DashboardHost.StartAsync(settings: demo.Pool);
        await using var dashboard = await browser.OpenAsync(host.Address, "try?tool=drawClock");

        await dashboard.Button("Execute on next server").ClickAsync();

        var image = dashboard.Page.Locator(".part img");
        await Expect(image).ToBeVisibleAsync();
        await Expect(image).ToHaveJSPropertyAsync("naturalWidth", 160);
    }

    [SkippableFact]
    public async Task An_error_of_a_tool_is_not_a_failure_of_the_server()
    {
        var servers = new MemoryServers();
        servers.Add("alpha")
            .Tool("work", () => new CallToolResult { IsError = true, Content = [new TextContentBlock { Text = "no such file" }] });
        await using var host = await DashboardHost.StartAsync(servers);
        await using var dashboard = await browser.OpenAsync(host.Address, "try?tool=work");

        await dashboard.Button("Execute on next server").ClickAsync();

        await Expect(Verdict(dashboard, "tool-error")).ToContainTextAsync("The tool reported that it failed");
        await Expect(dashboard.Page.Locator(".part pre").First).ToHaveTextAsync("no such file");
    }

    [SkippableFact]
    public async Task A_lost_answer_of_an_unsafe_tool_is_reported_as_such()
    {
        var servers = new MemoryServers();
        servers.Add("alpha").Tool("charge", () => MemoryAnswer.Never);
        servers.Add("beta").Tool("charge", () => MemoryAnswer.Never);
        await using var host = await DashboardHost.StartAsync(
            servers,
            new PoolSettings { Servers = [DashboardHost.Memory("alpha"), DashboardHost.Memory("beta")], CallTimeout = LongEnough });
        await using var dashboard = await browser.OpenAsync(host.Address, "try?tool=charge");

        await Expect(dashboard.Page.Locator(".request .tag.warning")).ToHaveTextAsync("not known to be safe to repeat");
        await dashboard.Button("Execute on next server").ClickAsync();
        await Expect(dashboard.Page.Locator(".progress")).ToBeVisibleAsync();
        await Eventually.TrueAsync(() => Task.FromResult(host.Servers["alpha"].Received("charge") == 1));
        host.Kill("alpha");

        await Expect(Verdict(dashboard, "OutcomeUnknown")).ToContainTextAsync("It may have run. The answer was lost");
        Assert.Equal(0, host.Servers["beta"].Received("charge"));
    }

    [SkippableFact]
    public async Task A_call_can_be_pinned_to_one_server_and_shows_why_that_is_not_available()
    {
        var servers = new MemoryServers();
        servers.Add("alpha").Tool("work", () => "done").Tool("own", () => "done");
        servers.Add("beta").Tool("work", () => "done");
        await using var host = await DashboardHost.StartAsync(servers);
        await using var dashboard = await browser.OpenAsync(host.Address, "try");
        var page = dashboard.Page;

        await page.GetByLabel("Where").SelectOptionAsync("server beta");
        await page.GetByLabel("Tool").FocusAsync();
        await Expect(Options(dashboard).Filter(new() { HasText = "work" })).ToBeVisibleAsync();
        await Expect(Options(dashboard).Filter(new() { HasText = "own" })).ToHaveCountAsync(0);
        await Options(dashboard).Filter(new() { HasText = "work" }).ClickAsync();
        await Expect(dashboard.Button("Execute with failover")).ToBeDisabledAsync();

        await host.Pool.CommandAsync(new DisconnectServer("beta"));
        await dashboard.Button("Execute on next server").ClickAsync();

        await Expect(Verdict(dashboard, "NoServerAvailable")).ToContainTextAsync("Nothing ran.");
        await Expect(page.Locator(".reasons")).ToContainTextAsync("beta");
    }

    [SkippableFact]
    public async Task A_tool_is_found_with_the_keyboard_alone()
    {
        var servers = new MemoryServers();
        servers.Add("alpha").Tool("read", () => "red").Tool("write", () => "written");
        await using var host = await DashboardHost.StartAsync(servers);
        await using var dashboard = await browser.OpenAsync(host.Address, "try");
        var tool = dashboard.Page.GetByRole(AriaRole.Combobox, new() { Name = "Tool" });

        await tool.FocusAsync();
        await dashboard.Page.Keyboard.TypeAsync("w");
        await Expect(Options(dashboard)).ToHaveCountAsync(1);
        await dashboard.Page.Keyboard.PressAsync("Backspace");
        await Expect(Options(dashboard)).ToHaveCountAsync(2);
        await dashboard.Page.Keyboard.PressAsync("ArrowDown");
        await Expect(dashboard.Page.Locator("[role=option][aria-selected=true]")).ToContainTextAsync("write");
        await dashboard.Page.Keyboard.PressAsync("Enter");

        await Expect(tool).ToHaveValueAsync("write");
    }

    private static ILocator Options(DashboardPage dashboard) => dashboard.Page.GetByRole(AriaRole.Listbox).GetByRole(AriaRole.Option);

    private static ILocator Verdict(DashboardPage dashboard, string verdict) => dashboard.Page.Locator($"[data-verdict='{verdict}']");

    /// <summary>A clock that reports whether a timer waits for it.</summary>
    private sealed class WaitedForClock() : FakeTimeProvider(DateTimeOffset.UnixEpoch)
    {
        private volatile bool _isWaitedFor;

        public bool IsWaitedFor => _isWaitedFor;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            _isWaitedFor = true;
            return timer;
        }
    }
}
