using McpActors.Configuration;
using McpActors.Transports;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace McpActors.Host.Tests.Browser;

[Collection(BrowserCollection.Name)]
public sealed class CommandTests(BrowserFixture browser)
{
    [SkippableFact]
    public async Task Disconnect_asks_first_and_connect_does_not()
    {
        await using var host = await DashboardHost.StartAsync(One());
        await using var dashboard = await browser.OpenAsync(host.Address);

        await dashboard.CommandAsync("alpha", "Disconnect");
        await Expect(dashboard.Page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("Disconnect alpha?");
        await dashboard.AnswerAsync("Disconnect");
        await Expect(dashboard.Row("alpha")).ToHaveAttributeAsync("data-status", "Disconnected");

        await dashboard.CommandAsync("alpha", "Connect");
        await Expect(dashboard.Row("alpha")).ToHaveAttributeAsync("data-status", "Connected");
    }

    [SkippableFact]
    public async Task A_question_that_is_cancelled_changes_nothing()
    {
        await using var host = await DashboardHost.StartAsync(One());
        await using var dashboard = await browser.OpenAsync(host.Address);

        await dashboard.CommandAsync("alpha", "Disconnect");
        await dashboard.AnswerAsync("Cancel");

        await Expect(dashboard.Page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        Assert.Equal(ServerStatus.Connected, (await host.Pool.GetStatusAsync()).Servers[0].Status);
    }

    [SkippableFact]
    public async Task Drain_lets_the_call_in_flight_end_and_then_disconnects()
    {
        var servers = new MemoryServers();
        var answer = new TaskCompletionSource<object?>(TaskCreationOptions.RunContinuationsAsynchronously);
        servers.Add("alpha").Tool("wait", (_, cancelled) => answer.Task.WaitAsync(cancelled));
        await using var host = await DashboardHost.StartAsync(
            servers, new PoolSettings { Servers = [DashboardHost.Memory("alpha")], DrainTimeout = TimeSpan.FromMinutes(5) });
        await using var dashboard = await browser.OpenAsync(host.Address);
        var call = host.Pool.CallToolAsync("wait", options: new CallOptions { Timeout = TimeSpan.FromMinutes(5) });
        await Expect(dashboard.Row("alpha").Locator(".c-flight")).ToHaveTextAsync("1");

        await dashboard.CommandAsync("alpha", "Drain");
        await Expect(dashboard.Page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("1 call is in flight now.");
        await dashboard.AnswerAsync("Drain");
        await Expect(dashboard.Row("alpha").Locator(".status")).ToHaveTextAsync("Draining");

        answer.SetResult("done");
        Assert.Equal("alpha", (await call).Server);
        await Expect(dashboard.Row("alpha")).ToHaveAttributeAsync("data-status", "Disconnected");
    }

    [SkippableFact]
    public async Task Isolate_and_reset_hold_calls_back_and_let_them_go()
    {
        await using var host = await DashboardHost.StartAsync(One());
        await using var dashboard = await browser.OpenAsync(host.Address);
        var circuit = dashboard.Row("alpha").Locator(".circuit");

        await dashboard.CommandAsync("alpha", "Isolate");
        await dashboard.AnswerAsync("Isolate");
        await Expect(circuit).ToHaveTextAsync("Isolated");

        await dashboard.CommandAsync("alpha", "Reset circuit");
        await Expect(circuit).ToHaveTextAsync("Circuit closed");
    }

    [SkippableFact]
    public async Task Reconnect_makes_a_new_connection()
    {
        await using var host = await DashboardHost.StartAsync(One());
        await using var dashboard = await browser.OpenAsync(host.Address);

        await dashboard.Button("Reconnect alpha").ClickAsync();
        await dashboard.AnswerAsync("Reconnect");

        await Eventually.TrueAsync(
            async () => (await host.Pool.GetStatusAsync()).Servers[0] is { Restarts: 1, Status: ServerStatus.Connected });
        await Expect(dashboard.Page.Locator(".mud-snackbar")).ToContainTextAsync("Reconnect: alpha – done");
    }

    private static MemoryServers One()
    {
        var servers = new MemoryServers();
        servers.Add("alpha").Tool("work", () => "done");
        return servers;
    }
}
