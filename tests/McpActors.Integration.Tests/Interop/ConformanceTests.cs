using System.Reflection;
using System.Text.RegularExpressions;
using Xunit;

namespace McpActors.Tests.Interop;

/// <summary>The pool as the client under test of MCP's conformance suite, in all scenarios without authorization and extensions.</summary>
[Collection(InteropGroup.Name)]
public sealed partial class ConformanceTests
{
    [SkippableTheory]
    [InlineData("2025-11-25", "initialize")]
    [InlineData("2025-11-25", "json-schema-2020-12-preservation")]
    [InlineData("2025-11-25", "sse-retry")]
    [InlineData("2025-11-25", "tools_call")]
    [InlineData("2026-07-28", "http-custom-headers")]
    [InlineData("2026-07-28", "http-invalid-tool-headers")]
    [InlineData("2026-07-28", "http-standard-headers")]
    [InlineData("2026-07-28", "json-schema-2020-12-preservation")]
    [InlineData("2026-07-28", "json-schema-ref-no-deref")]
    [InlineData("2026-07-28", "request-metadata")]
    [InlineData("2026-07-28", "sep-2322-client-request-state")]
    [InlineData("2026-07-28", "tools_call")]
    public async Task Passes_the_scenario(string revision, string scenario)
    {
        var (exitCode, output) = await ConformanceSuite.RunAsync(
            "client", "--command", ConformanceSuite.Client, "--scenario", scenario, "--spec-version", revision);

        Assert.True(exitCode == 0 && output.Contains("OVERALL: PASSED", StringComparison.Ordinal), output);
    }

    // The suite fails when a scenario of the file passes, so that it does not stay there.
    [SkippableTheory]
    [InlineData("2025-11-25", "elicitation-sep1034-client-defaults")]
    public async Task Fails_as_expected(string revision, string scenario)
    {
        var (exitCode, output) = await ConformanceSuite.RunAsync(
            "client", "--command", ConformanceSuite.Client, "--scenario", scenario, "--spec-version", revision,
            "--expected-failures", ConformanceSuite.ExpectedFailures);

        Assert.True(exitCode == 0, output);
    }

    [SkippableFact]
    public async Task Runs_every_scenario_that_applies_to_a_client()
    {
        var (_, output) = await ConformanceSuite.RunAsync("list", "--client");

        var listed = ListedScenario().Matches(output).SelectMany(match =>
            match.Groups["revisions"].Value.Split(',').Select(revision => (Revision: revision, Name: match.Groups["name"].Value)));
        var run = new[] { nameof(Passes_the_scenario), nameof(Fails_as_expected) }
            .SelectMany(test => typeof(ConformanceTests).GetMethod(test)!.GetCustomAttributes<InlineDataAttribute>())
            .Select(row => row.GetData(null!).Single())
            .Select(row => (Revision: (string)row[0], Name: (string)row[1]));
        Assert.Equal(
            listed.Where(scenario => scenario.Revision is "2025-11-25" or "2026-07-28")
                .Where(scenario => !scenario.Name.StartsWith("auth/", StringComparison.Ordinal))
                .Order(),
            run.Order());
    }

    // Such as "  - tools_call [2025-06-18,2025-11-25,2026-07-28]".
    [GeneratedRegex(@"^ +- (?<name>\S+) \[(?<revisions>[^]]*)\]", RegexOptions.Multiline)]
    private static partial Regex ListedScenario();
}
