using McpActors.AspNetCore;
using McpActors.Clustering;
using McpActors.Pool;
using McpActors.Tests.Configuration;
using PublicApiGenerator;
using Xunit;

namespace McpActors.Tests.PublicApi;

/// <summary>Compares the public API with the approved text, so that every change of it is noticed.</summary>
public class PublicApiTests
{
    /// <summary>When set, the test approves the current API.</summary>
    private const string AcceptVariable = "MCPACTORS_ACCEPT_API";

    [Theory]
    [InlineData(typeof(IMcpPool))]
    [InlineData(typeof(McpClusterSettings))]
    [InlineData(typeof(McpPoolEndpointOptions))]
    public async Task Matches_the_approved_text(Type inAssembly)
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
            approves it. Commit the file, and describe in CHANGELOG.md what users have to change.
            """);
    }
}
