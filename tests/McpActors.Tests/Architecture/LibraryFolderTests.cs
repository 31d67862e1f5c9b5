using McpActors.Tests.Configuration;
using McpActors.Tests.PublicApi;
using Xunit;

namespace McpActors.Tests.Architecture;

/// <summary>The folders of the library depend on each other in one order, which <c>docs/architecture.md</c> draws.</summary>
public sealed class LibraryFolderTests(LibraryFolderTests.Library library) : IClassFixture<LibraryFolderTests.Library>
{
    /// <summary>When set, the test writes the diagram of the current uses.</summary>
    private const string UpdateVariable = "MCPACTORS_UPDATE_DIAGRAM";

    private const string Contract = "contract";
    private const string Begin = "<!-- The folders of McpActors.dll, held by LibraryFolderTests. -->\n";
    private const string End = "<!-- End of the folders. -->\n";

    private static readonly string Document = Path.Combine("docs", "architecture.md");

    /// <summary>Every folder may use these; the diagram draws only what they use.</summary>
    private static readonly string[] Base = [Contract, "Configuration", "Telemetry"];

    [Fact]
    public void No_folder_uses_one_that_uses_it() => Assert.Empty(library.Graph.InCycles.Select(Describe));

    [Fact]
    public void The_common_folders_use_no_other_folder() =>
        Assert.Empty(library.Graph.Uses.Where(use => Base.Contains(use.From) && !Base.Contains(use.To)).Select(Describe));

    [Theory]
    [InlineData("Calls", "Routing")]
    [InlineData("Routing", "Balancing")]
    [InlineData("Connections", "Transports")]
    public void The_uses_are_seen_in_signatures_and_in_bodies(string from, string to) =>
        Assert.Contains(library.Graph.Uses, use => (use.From, use.To) == (from, to));

    [Fact]
    public async Task The_diagram_shows_the_uses_that_there_are()
    {
        var file = Repository.File(Document);
        var text = (await File.ReadAllTextAsync(file)).ReplaceLineEndings("\n");
        var start = text.IndexOf(Begin, StringComparison.Ordinal);
        var end = text.IndexOf(End, StringComparison.Ordinal);
        Assert.True(start >= 0 && end > start, $"{Document} lacks the lines {Begin}and {End}");
        start += Begin.Length;
        var expected = $"\n```mermaid\n{Diagram()}```\n\n";
        if (Environment.GetEnvironmentVariable(UpdateVariable) is not null)
        {
            text = text[..start] + expected + text[end..];
            end = start + expected.Length;
            await File.WriteAllTextAsync(file, text);
        }

        var changes = LineDiff.Of(text[start..end], expected);

        Assert.True(
            changes.Count == 0,
            $"""
            The diagram in {Document} differs from the uses in the code:

            {string.Join('\n', changes)}

            If the change is intended: {UpdateVariable}=1 dotnet test tests/McpActors.Tests --filter {nameof(LibraryFolderTests)}
            writes the diagram.
            """);
    }

    private static string Describe(Use use) => $"{use.From} -> {use.To}: {use.Example}";

    private string Diagram()
    {
        var uses = library.Graph.Uses.Where(use => !Base.Contains(use.From) && !Base.Contains(use.To));
        var ofBase = library.Graph.Uses.Where(use => Base.Contains(use.From));
        return string.Concat(
            [
                "graph TD\n",
                .. uses.Select(use => $"    {use.From} --> {use.To}\n"),
                "    subgraph base [used by every folder]\n",
                .. ofBase.Select(use => $"        {use.From} --> {use.To}\n"),
                "    end\n",
            ]);
    }

    public sealed class Library
    {
        internal FolderGraph Graph { get; } = new(typeof(McpActors.Pool.IMcpPool).Assembly, "McpActors", Contract);
    }
}
