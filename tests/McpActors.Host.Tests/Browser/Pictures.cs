using Microsoft.Playwright;

namespace McpActors.Host.Tests.Browser;

/// <summary>
/// The pictures of the documentation. <c>MCPACTORS_SCREENSHOTS=docs/images dotnet test --filter "ScreenshotTests|NodesPageTests"</c> writes
/// them (a path from the root of the repository); without it they are made too, and discarded.
/// </summary>
internal static class Pictures
{
    private const string DirectoryVariable = "MCPACTORS_SCREENSHOTS";
    private const int LargestFile = 200 * 1024;

    public static bool AreWritten => Directory is { Length: > 0 };

    private static string? Directory => Environment.GetEnvironmentVariable(DirectoryVariable);

    public static async Task TakeAsync(IPage page, string name)
    {
        var picture = await page.ScreenshotAsync();
        Assert.InRange(picture.Length, 1024, LargestFile);
        if (AreWritten)
        {
            await File.WriteAllBytesAsync(
                Path.Combine(System.IO.Directory.CreateDirectory(Repository.At(Directory!)).FullName, $"{name}.png"), picture);
        }
    }
}
