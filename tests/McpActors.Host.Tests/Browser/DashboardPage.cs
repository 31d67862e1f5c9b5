using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace McpActors.Host.Tests.Browser;

/// <summary>
/// A page of the dashboard. The test fails at its end if the browser reported a problem, such as content from another origin.
/// </summary>
internal sealed class DashboardPage : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly ConcurrentQueue<string> _complaints = new();
    private bool _hostEnds;

    private DashboardPage(IBrowserContext context, IPage page)
    {
        (_context, Page) = (context, page);
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning" && !_hostEnds)
                _complaints.Enqueue($"{message.Text} ({message.Location})");
        };
        page.PageError += (_, error) => _complaints.Enqueue(error);
    }

    public IPage Page { get; }

    public static async Task<DashboardPage> OpenAsync(IBrowserContext context, Uri address)
    {
        var page = await context.NewPageAsync();
        var dashboard = new DashboardPage(context, page);
        var origin = address.GetLeftPart(UriPartial.Authority);
        page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(origin, StringComparison.Ordinal) && !request.Url.StartsWith("data:", StringComparison.Ordinal))
                dashboard._complaints.Enqueue($"a request to {request.Url}");
        };
        await page.GotoAsync(address.ToString());
        await page.Locator("main h1").WaitForAsync(new() { State = WaitForSelectorState.Attached });
        return dashboard;
    }

    /// <summary>From now on the host is expected to stop.</summary>
    public void ExpectTheHostToEnd() => _hostEnds = true;

    /// <summary>The row of a server.</summary>
    public ILocator Row(string server) => Page.Locator($"tr[data-server='{server}']");

    /// <summary>A button, by its whole name.</summary>
    public ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    /// <summary>Chooses a command in the menu of a server's row.</summary>
    public async Task CommandAsync(string server, string command)
    {
        await Button($"Commands for {server}").ClickAsync();
        await Page.GetByRole(AriaRole.Menuitem, new() { Name = command, Exact = true }).ClickAsync();
    }

    /// <summary>Presses a button of the open dialog.</summary>
    public Task AnswerAsync(string button) =>
        Page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync();

    public async ValueTask DisposeAsync()
    {
        await _context.DisposeAsync();
        if (!_complaints.IsEmpty)
            Assert.Fail(string.Join(Environment.NewLine, _complaints));
    }
}
