using System.Text.Json;
using Deque.AxeCore.Commons;
using Microsoft.Playwright;

namespace McpActors.Host.Tests.Browser;

/// <summary>
/// Runs all rules of axe-core in a page. Deque's own <c>RunAxe</c> sends the script twice for each run and opens a second page for the part
/// that merges the results of frames, which the dashboard does not have.
/// </summary>
internal static class Axe
{
    private static readonly string Script = new BundledAxeScriptProvider().GetScript();

    private const string Run =
        """
        async () => {
          const found = await axe.run(document, { resultTypes: ['violations'] });
          const serious = found.violations.filter(fault => fault.impact === 'serious' || fault.impact === 'critical');
          return {
            frames: document.querySelectorAll('iframe, frame').length,
            passes: found.passes.length,
            faults: serious.map(fault => `${fault.id}: ${fault.help}: `
              + fault.nodes.slice(0, 3).map(node => `${node.html} ${node.any[0]?.message ?? ''}`).join(' | ')),
          };
        }
        """;

    /// <summary>Fails if the page has a fault of impact serious or critical.</summary>
    /// <param name="page">A page without frames.</param>
    /// <param name="where">Names the state of the page in the message.</param>
    public static async Task CheckAsync(IPage page, string where)
    {
        if (!await page.EvaluateAsync<bool>("'axe' in window"))
            await page.EvaluateAsync(Script);

        var found = await page.EvaluateAsync<JsonElement>(Run);
        Assert.True(found.GetProperty("frames").GetInt32() == 0, $"{where}: the page has frames, which this check leaves out.");
        Assert.True(found.GetProperty("passes").GetInt32() > 0, $"{where}: axe found no rule that the page keeps.");
        var faults = found.GetProperty("faults").EnumerateArray().Select(fault => $"{where}: {fault.GetString()}").ToList();
        if (faults.Count > 0)
            Assert.Fail(string.Join(Environment.NewLine, faults));
    }
}
