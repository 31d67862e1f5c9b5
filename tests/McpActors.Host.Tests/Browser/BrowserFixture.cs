using McpActors.Tests.Interop;
using Microsoft.Playwright;

namespace McpActors.Host.Tests.Browser;

/// <summary>One Chromium for all browser tests; each test has a context of its own in it. They run one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class BrowserCollection : ICollectionFixture<BrowserFixture>
{
    public const string Name = "browser";
}

/// <summary>Starts the Chromium of this machine, if it has one.</summary>
public sealed class BrowserFixture : IAsyncLifetime
{
    private const string PathVariable = "MCPACTORS_CHROMIUM";
    private const float GuardMs = 120_000;

    private static readonly string[] Places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    // Chromium has no sandbox for root; the other options prevent requests to the network, which the machine may not have.
    private static readonly string[] Flags =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
        "--hide-scrollbars", "--force-color-profile=srgb",
    ];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async Task InitializeAsync()
    {
        if (Executable() is not { } executable)
            return;
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = executable, Args = Flags, Timeout = GuardMs });
        Assertions.SetDefaultExpectTimeout(GuardMs);
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
    }

    /// <summary>Opens a page of a host and waits until it shows something.</summary>
    internal async Task<DashboardPage> OpenAsync(Uri host, string path = "", BrowserNewContextOptions? options = null)
    {
        options ??= new() { ViewportSize = new() { Width = 1440, Height = 900 } };
        options.ReducedMotion = ReducedMotion.Reduce;
        var context = await Browser().NewContextAsync(options);
        context.SetDefaultTimeout(GuardMs);
        return await DashboardPage.OpenAsync(context, new Uri(host, path));
    }

    /// <summary>The browser.</summary>
    /// <exception cref="SkipException">This machine has none, and none is required.</exception>
    private IBrowser Browser()
    {
        Prerequisite.Require(
            _browser is null ? "Chromium is not installed" : null,
            $"apt-get install chromium, or name the executable of another browser in {PathVariable}");
        return _browser!;
    }

    private static string? Executable() =>
        Environment.GetEnvironmentVariable(PathVariable) is { Length: > 0 } named ? named : Places.FirstOrDefault(File.Exists);
}
