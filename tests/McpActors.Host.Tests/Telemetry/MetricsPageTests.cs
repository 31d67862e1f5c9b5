using System.Text.RegularExpressions;
using McpActors.Configuration;
using McpActors.Host.Api;
using McpActors.Hosting;
using McpActors.Pool;
using McpActors.Telemetry;
using McpActors.Transports;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace McpActors.Host.Tests.Telemetry;

/// <summary>
/// Compares <c>/metrics</c> of a host whose pool has gone through everything that is measured with <c>docs/telemetry.md</c>.
/// </summary>
public partial class MetricsPageTests
{
    private readonly MemoryServers _memory = new();

    private static string Document => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "telemetry.md"));

    [Fact]
    public async Task The_page_shows_exactly_the_metrics_that_the_document_lists()
    {
        _memory.Add("broken").Tool("work", () => MemoryAnswer.Error(-32050, "broken"));
        _memory.Add("good").Tool("work", () => "done", new MemoryToolOptions { ReadOnly = true });
        _memory.Add("slow")
            .Tool("slow", () => MemoryAnswer.After(TimeSpan.FromMinutes(10), "late"), new MemoryToolOptions { ReadOnly = true });
        _memory.Add("quick").Tool("slow", () => "at once", new MemoryToolOptions { ReadOnly = true });
        await using var app = await ServeAsync(new PoolSettings
        {
            Servers =
            [
                Server("broken", "work", 1), Server("good", "work", 2),
                Server("slow", "hedged", 1), Server("quick", "hedged", 2),
                Server("alone", "alone", 1),
            ],
            Probe = new ProbeSettings { Interval = TimeSpan.FromMilliseconds(50), Jitter = 0 },
            RetryBudget = new RetryBudgetSettings { Ratio = 0, MinPerSecond = 2 },
            // Keeps it failing until the budget is spent, on a slow machine too.
            Circuit = new CircuitSettings { ConsecutiveFailures = 1_000_000, MinimumCalls = 1_000_000 },
        });
        var pool = app.Services.GetRequiredService<IMcpPool>();
        await Eventually.TrueAsync(async () =>
            (await pool.GetStatusAsync()).Servers.Count(server => server is { Status: ServerStatus.Connected, Tools: > 0 }) == 4);

        await pool.CallToolAsync("slow", options: new CallOptions
        {
            Group = "hedged",
            Mode = CallMode.Failover,
            Hedge = new Hedging { After = TimeSpan.FromMilliseconds(50) },
        });
        await Eventually.TrueAsync(async () =>
            (await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => FailsOverAsync(pool)))).Any(failed => failed is { Attempts.Count: 1 }));
        await pool.CommandAsync(new ReconnectServer("good"));
        await pool.CommandAsync(new IsolateServer("good"));

        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        var document = DocumentedMetrics();
        Assert.NotEmpty(document);
        List<string> shown = [];
        await Eventually.TrueAsync(async () =>
        {
            shown = [.. TypeLine().Matches(await client.GetStringAsync("/metrics"))
                .Select(match => match.Groups[1].Value).Order(StringComparer.Ordinal)];
            return shown.Count >= document.Count;
        });

        Assert.Equal(document.Select(metric => metric.Shown).Order(StringComparer.Ordinal), shown);
        Assert.Equal(
            typeof(TelemetryNames.Instruments).GetFields()
                .Select(field => (string)field.GetRawConstantValue()!).Order(StringComparer.Ordinal),
            document.Select(metric => metric.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_attribute_is_documented()
    {
        var names = typeof(TelemetryNames.Attributes).GetFields()
            .Concat(typeof(TelemetryNames.Events).GetFields()).Select(field => (string)field.GetRawConstantValue()!);

        Assert.All(names, name => Assert.Contains($"`{name}`", Document, StringComparison.Ordinal));
    }

    [Fact]
    public void The_dashboard_for_Grafana_uses_metrics_that_exist()
    {
        var dashboard = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "grafana.json"));

        var labels = typeof(TelemetryNames.Attributes).GetFields()
            .Select(field => ((string)field.GetRawConstantValue()!).Replace('.', '_'));
        var asked = Asked().Matches(dashboard).Select(match => Suffix().Replace(match.Value, "")).Except(labels).ToList();

        Assert.Equal(DocumentedMetrics().Select(metric => metric.Shown).Order(StringComparer.Ordinal), asked.Order(StringComparer.Ordinal));
    }

    private static ServerSettings Server(string name, string group, int priority) =>
        new() { Name = name, Uri = new Uri($"memory://{name}"), Group = group, Priority = priority };

    private static async Task<CallFailed?> FailsOverAsync(IMcpPool pool) =>
        await pool.SendAsync(new CallTool("work", Options: new CallOptions { Group = "work", Mode = CallMode.Failover })) as CallFailed;

    private async Task<WebApplication> ServeAsync(PoolSettings settings)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddPoolApi(settings);
        builder.Services.AddMcpPool(settings, options => options.MemoryServers = _memory);
        var app = builder.Build();
        app.UsePoolApi();
        await app.StartAsync();
        return app;
    }

    // The rows of the table: | `mcp_actors.hedges` | `mcp_actors_hedges_total` | …
    private static IReadOnlyList<(string Name, string Shown)> DocumentedMetrics() =>
        [.. Row().Matches(Document).Select(row => (row.Groups[1].Value, row.Groups[2].Value))];

    [GeneratedRegex(@"^\| `([a-z_.]+)` \| `([a-z_]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex("mcp_[a-z_]+")]
    private static partial Regex Asked();

    [GeneratedRegex("_(bucket|count|sum)$")]
    private static partial Regex Suffix();

    [GeneratedRegex("^# TYPE (mcp_[a-z_]+) ", RegexOptions.Multiline)]
    private static partial Regex TypeLine();
}
