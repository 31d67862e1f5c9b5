using McpActors.Pool;
using McpActors.Tests.Configuration;
using PublicApiGenerator;
using Xunit;

namespace McpActors.Tests.PublicApi;

/// <summary>What the library offers to programs, held against the approved text, so that no change of it goes unseen.</summary>
public class PublicApiTests
{
    /// <summary>Set, the test approves what it finds.</summary>
    private const string AcceptVariable = "MCPACTORS_ACCEPT_API";

    private static readonly string ApprovedFile = Path.Combine("tests", "McpActors.Tests", "PublicApi", "McpActors.approved.txt");

    [Fact]
    public async Task Is_the_one_that_was_approved()
    {
        var found = typeof(IMcpPool).Assembly.GeneratePublicApi(new() { IncludeAssemblyAttributes = false }).ReplaceLineEndings("\n") + "\n";
        var file = Repository.File(ApprovedFile);
        if (Environment.GetEnvironmentVariable(AcceptVariable) is not null)
            await File.WriteAllTextAsync(file, found);

        var changes = LineDiff.Of((await File.ReadAllTextAsync(file)).ReplaceLineEndings("\n"), found);

        Assert.True(
            changes.Count == 0,
            $"""
            The public API of McpActors differs from {ApprovedFile}:

            {string.Join('\n', changes)}

            If that is meant: {AcceptVariable}=1 dotnet test tests/McpActors.Tests --filter {nameof(PublicApiTests)}
            approves it. Commit the file, and say in CHANGELOG.md what a user has to change.
            """);
    }
}
