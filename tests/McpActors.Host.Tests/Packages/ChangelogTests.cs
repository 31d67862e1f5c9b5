using McpActors.Host.Presentation;

namespace McpActors.Host.Tests.Packages;

public class ChangelogTests
{
    [Fact]
    public void Begins_with_the_version_that_is_built()
    {
        var first = File.ReadLines(Repository.At("CHANGELOG.md")).First(line => line.StartsWith("## ", StringComparison.Ordinal));

        Assert.StartsWith($"## [{ProgramVersion.Text}] - ", first, StringComparison.Ordinal);
    }
}
