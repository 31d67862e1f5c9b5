using McpActors.Host.Dashboard.Parts.Badges;
using McpActors.Host.Dashboard.Parts.Results;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace McpActors.Host.Tests.Dashboard;

/// <summary>Parts of the dashboard as HTML, without a browser.</summary>
public class RenderedPartsTests
{
    [Fact]
    public async Task The_status_of_a_paused_server_says_when_calls_go_to_it_again()
    {
        var now = DateTimeOffset.UnixEpoch;

        var html = await RenderAsync<StatusBadge>(new()
        {
            ["Status"] = ServerStatus.Connected,
            ["PausedUntil"] = now.AddSeconds(4),
            ["Now"] = now,
        });

        Assert.Contains("Paused, calls in 4 s", html, StringComparison.Ordinal);
        Assert.DoesNotContain("Connected", html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "It may have run.")]
    [InlineData(false, "Nothing ran.")]
    public async Task The_result_of_a_failed_call_says_whether_it_may_have_run(bool mayHaveRun, string words)
    {
        var error = new PoolError(PoolErrorKind.DeadlineExceeded, "late") { MayHaveRun = mayHaveRun };

        var html = await RenderAsync<CallResult>(new() { ["Reply"] = new CallFailed(error, [], TimeSpan.Zero) });

        Assert.Contains(words, html, StringComparison.Ordinal);
    }

    private static async Task<string> RenderAsync<T>(Dictionary<string, object?> parameters)
        where T : IComponent
    {
        await using var services = new ServiceCollection().AddLogging().BuildServiceProvider();
        await using var renderer = new HtmlRenderer(services, NullLoggerFactory.Instance);
        return await renderer.Dispatcher.InvokeAsync(async () =>
            (await renderer.RenderComponentAsync<T>(ParameterView.FromDictionary(parameters))).ToHtmlString());
    }
}
