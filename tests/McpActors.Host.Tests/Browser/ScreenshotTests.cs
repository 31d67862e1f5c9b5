using System.Text.Json;
using McpActors.Configuration;
using McpActors.Pool;
using McpActors.Transports;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace McpActors.Host.Tests.Browser;

/// <summary>The documentation's pictures of one host (<see cref="Pictures"/>).</summary>
[Collection(BrowserCollection.Name)]
public sealed class ScreenshotTests(BrowserFixture browser)
{
    private static readonly double[] Shares = [0.4, 0.25, 0.1, 0.15, 0.07, 0.02, 0.01];
    private static readonly double[] Medians = [13, 22, 49, 6, 6.5, 30, 34];
    private static readonly string[] Names = ["search-eu", "search-us", "search-asia", "files-1", "files-2", "billing", "billing-backup"];
    private static readonly TimeSpan UntilChartsAreWhole = TimeSpan.FromSeconds(8);

    [SkippableFact]
    public async Task The_pictures_match_the_documentation()
    {
        await using var host = await StartAsync();
        using var stop = new CancellationTokenSource();
        var load = Task.WhenAll(Enumerable.Range(0, 3).Select(i => LoadAsync(host.Pool, i, stop.Token)));
        await host.Pool.CommandAsync(new IsolateServer("search-asia"));
        host.Kill("files-2");
        if (Pictures.AreWritten)
            await Task.Delay(UntilChartsAreWhole, TimeProvider.System);

        await TakeAsync(host, "servers-light", "", ColorScheme.Light);
        await TakeAsync(host, "servers-dark", "", ColorScheme.Dark);
        await TakeAsync(host, "activity", "activity", ColorScheme.Dark);
        await TakeAsync(host, "server-in-error", "servers/files-2", ColorScheme.Light);
        await TakeAsync(host, "phone", "", ColorScheme.Dark, isPhone: true);
        await TakeAsync(host, "failover", "try?tool=charge_card", ColorScheme.Light, act: async dashboard =>
        {
            await dashboard.Page.GetByLabel("invoice").FillAsync("2026-0117");
            await dashboard.Page.GetByLabel("cents").FillAsync("12900");
            await dashboard.Button("Execute with failover").ClickAsync();
            await Expect(dashboard.Page.Locator(".attempts li")).ToHaveCountAsync(2);
        });

        await stop.CancelAsync();
        await load;
    }

    private async Task TakeAsync(
        DashboardHost host, string name, string path, ColorScheme colours, bool isPhone = false, Func<DashboardPage, Task>? act = null)
    {
        await using var dashboard = await browser.OpenAsync(host.Address, path, new()
        {
            ColorScheme = colours,
            ViewportSize = isPhone ? new() { Width = 390, Height = 844 } : new() { Width = 1440, Height = 860 },
            DeviceScaleFactor = isPhone ? 1.5f : 1,
            IsMobile = isPhone,
        });
        await Expect(dashboard.Page.Locator(".pool-pill")).ToHaveTextAsync("6 of 7 connected");
        if (path.Length == 0)
            await Expect(dashboard.Row(Names[0])).ToBeVisibleAsync();
        if (act is not null)
            await act(dashboard);

        await Pictures.TakeAsync(dashboard.Page, name);
    }

    private static async Task<DashboardHost> StartAsync()
    {
        var servers = new MemoryServers();
        foreach (var name in Names)
            servers.Add(name);
        foreach (var (name, milliseconds) in (ReadOnlySpan<(string, int)>)[("search-eu", 12), ("search-us", 21), ("search-asia", 48)])
        {
            servers[name].Tool("web_search",
                () => MemoryAnswer.After(TimeSpan.FromMilliseconds(milliseconds), new { hits = 3 }), new() { ReadOnly = true });
        }

        foreach (var name in (string[])["files-1", "files-2"])
            servers[name].Tool("read_file", () => MemoryAnswer.After(TimeSpan.FromMilliseconds(5), "text"), new() { ReadOnly = true });
        var charge = new MemoryToolOptions
        {
            Description = "Charges a card for an invoice.",
            InputSchema = JsonElement.Parse("""
                {
                  "type": "object", "required": ["invoice", "cents"],
                  "properties": {
                    "invoice": { "type": "string", "description": "The invoice's number." },
                    "cents": { "type": "integer", "minimum": 1, "description": "The amount." },
                    "currency": { "enum": ["EUR", "USD"], "default": "EUR" }
                  }
                }
                """),
        };
        servers["billing"].Tool("charge_card", () => MemoryAnswer.Error(-32000, "The payment gateway is in maintenance."), charge);
        servers["billing-backup"].Tool("charge_card", () => new { receipt = "R-48213", charged = true }, charge);
        var random = new Random(7);
        return await DashboardHost.StartAsync(servers, Settings(), PastStatuses.Of(Names, (step, server) => Past(random, step, server)));
    }

    private static PoolSettings Settings() => new()
    {
        Servers =
        [
            .. Names.Select(name =>
                DashboardHost.Memory(name, name.Split('-')[0], name.EndsWith("-backup", StringComparison.Ordinal) ? 2 : 1)
                with { Weight = name == "search-eu" ? 3 : 1 }),
        ],
        Routes = [new() { Match = "web_*", Group = "search" }, new() { Match = "*_file", Group = "files" },
            new() { Match = "charge_*", Group = "billing" }],
        Reconnect = new() { MinBackoff = TimeSpan.FromSeconds(12) },
    };

    /// <summary>A quiet quarter of an hour with one bad minute.</summary>
    private static (int Calls, int Failures, double Median) Past(Random random, int step, int server)
    {
        var wave = 1 + (0.35 * Math.Sin((step + (server * 9)) / 17.0)) + (random.NextDouble() * 0.25);
        var calls = (int)(1500 * Shares[server] * wave);
        var isBad = server == 4 && step is > 118 and < 132;
        return (calls, isBad ? calls / 2 : 0, Medians[server] * (isBad ? 3 : 0.9 + (random.NextDouble() * 0.3)));
    }

    private static async Task LoadAsync(IMcpPool pool, int worker, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await pool.CallToolAsync(worker % 3 == 0 ? "read_file" : "web_search", cancellationToken: stop);
            }
            catch (Exception e) when (e is McpPoolException or OperationCanceledException)
            {
                // Some calls fail while a server is killed: that is what the pictures show.
            }
        }
    }
}
