using System.Text.RegularExpressions;
using McpActors.Tests.Configuration;
using Xunit;

namespace McpActors.Tests.Failures;

/// <summary>The fault matrix of <c>docs/reliability.md</c> names tests that exist, and every outcome.</summary>
public sealed partial class FaultMatrixTests
{
    [Fact]
    public void Every_test_of_the_matrix_exists()
    {
        var sources = Directory.EnumerateFiles(Repository.File("tests"), "*.cs", SearchOption.AllDirectories)
            .Where(path => !path.Contains("/obj/", StringComparison.Ordinal))
            .ToLookup(path => Path.GetFileNameWithoutExtension(path), StringComparer.Ordinal);
        var named = TestName().Matches(Matrix()).Select(match => (Class: match.Groups[1].Value, Method: match.Groups[2].Value)).ToList();

        Assert.NotEmpty(named);
        Assert.All(named, test => Assert.Contains(
            sources[test.Class], path => File.ReadAllText(path).Contains($" {test.Method}(", StringComparison.Ordinal)));
    }

    [Fact]
    public void Every_row_names_a_test_and_every_outcome_has_a_row()
    {
        var rows = Matrix().Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(1).ToList();

        Assert.All(rows, row => Assert.Matches(TestName(), row));
        Assert.All(
            Enum.GetValues<AttemptOutcome>().Except([AttemptOutcome.Succeeded]),
            outcome => Assert.Contains(rows, row => row.Contains($"`{outcome}`", StringComparison.Ordinal)));
    }

    private static string Matrix()
    {
        var page = File.ReadAllText(Repository.File("docs/reliability.md"));
        var start = page.IndexOf("## Under which failures", StringComparison.Ordinal);
        return page[start..page.IndexOf("## How it is counted", StringComparison.Ordinal)];
    }

    [GeneratedRegex(@"`(\w+)\.(\w+)`")]
    private static partial Regex TestName();
}
