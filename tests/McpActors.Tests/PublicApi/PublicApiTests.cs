using McpActors.Clustering.Configuration;
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

    [Theory]
    [InlineData(typeof(IMcpPool))]
    [InlineData(typeof(McpClusterSettings))]
    public async Task Is_the_one_that_was_approved(Type inAssembly)
    {
        var name = inAssembly.Assembly.GetName().Name;
        var approved = Path.Combine("tests", "McpActors.Tests", "PublicApi", $"{name}.approved.txt");
        var found = inAssembly.Assembly.GeneratePublicApi(new() { IncludeAssemblyAttributes = false }).ReplaceLineEndings("\n") + "\n";
        var file = Repository.File(approved);
        if (Environment.GetEnvironmentVariable(AcceptVariable) is not null)
            await File.WriteAllTextAsync(file, found);

        var changes = LineDiff.Of((await File.ReadAllTextAsync(file)).ReplaceLineEndings("\n"), found);

        Assert.True(
            changes.Count == 0,
            $"""
            The public API of {name} differs from {approved}:

            {string.Join('\n', changes)}

            If that is meant: {AcceptVariable}=1 dotnet test tests/McpActors.Tests --filter {nameof(PublicApiTests)}
            approves it. Commit the file, and say in CHANGELOG.md what a user has to change.
            """);
    }
}
