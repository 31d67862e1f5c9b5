using McpActors.Host.Tests;

namespace McpActors.Delivery.Tests.Packages;

/// <summary>A program of README.md: the fenced block after <c>&lt;!-- snippet: NAME --&gt;</c>.</summary>
internal static class ReadmeSnippet
{
    public static string Read(string name)
    {
        var lines = File.ReadAllLines(Repository.At("README.md"));
        var marker = Array.IndexOf(lines, $"<!-- snippet: {name} -->");
        if (marker < 0 || lines[marker + 1] != "```csharp")
            throw new InvalidOperationException($"README.md has no line <!-- snippet: {name} --> with a C# block under it.");
        return string.Join('\n', lines.Skip(marker + 2).TakeWhile(line => line != "```"));
    }
}
