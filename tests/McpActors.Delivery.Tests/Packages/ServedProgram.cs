using System.Net;
using System.Text.RegularExpressions;
using McpActors.Host.Tests.Api;

namespace McpActors.Delivery.Tests.Packages;

/// <summary>Checks the answers of a worker with the demo servers, however it was delivered.</summary>
internal static partial class ServedProgram
{
    public static async Task AssertServesAsync(HttpClient client)
    {
        using var call = await client.PostAsync("/api/execute", new StringContent("""{"method":"getData"}"""));
        Assert.Equal(HttpStatusCode.OK, call.StatusCode);
        Assert.Equal("primary-server", (await call.JsonAsync()).GetProperty("server").GetString());

        var page = await client.GetStringAsync("/");
        var assets = Asset().Matches(page).Select(match => match.Groups[1].Value).Distinct().ToList();
        Assert.All(
            ["dashboard", "McpActors.Host", "_content/MudBlazor/MudBlazor.min", "_framework/blazor.web", "fonts/", "favicon"],
            name => Assert.Contains(assets, asset => asset.StartsWith(name, StringComparison.Ordinal)));
        foreach (var asset in assets)
        {
            using var answer = await client.GetAsync(asset);
            Assert.True(
                answer.StatusCode == HttpStatusCode.OK && answer.Content.Headers.ContentLength > 0, $"{asset}: {answer.StatusCode}");
        }
    }

    /// <summary>The files that a page loads; links to other pages begin with a slash.</summary>
    [GeneratedRegex("(?:href|src)=\"([^\"/][^\"]*\\.(?:js|css|svg|woff2))\"")]
    private static partial Regex Asset();
}
