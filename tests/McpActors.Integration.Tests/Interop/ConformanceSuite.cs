using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace McpActors.Tests.Interop;

/// <summary>The conformance suite of <c>tests/conformance</c>, each run a process of its own.</summary>
internal static partial class ConformanceSuite
{
    private const string Script = "@modelcontextprotocol/conformance/dist/index.js";

    // The suite needs a newer Node than the other tests, so it comes with one.
    private static readonly string NodeModule =
        $"node-linux-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}/bin/node";

    private static readonly NpmFolder Folder = new("tests/conformance", MissingNode);

    /// <summary>The scenarios that may fail.</summary>
    public static string ExpectedFailures => Folder.File("expected-failures.yml");

    /// <summary>The command that runs the pool as the client under test.</summary>
    public static string Client => $"dotnet \"{Path.Combine(AppContext.BaseDirectory, "McpActors.ConformanceClient.dll")}\"";

    /// <summary>Runs the suite, or skips the test where it is not installed.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(params IEnumerable<string> arguments)
    {
        Folder.Require();
        var start = new ProcessStartInfo(
            Folder.Module(NodeModule), ["--require", Folder.File("loopback.cjs"), Folder.Module(Script), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        try
        {
            var output = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync())
                .WaitAsync(PoolHost.Patience);
            await process.WaitForExitAsync().WaitAsync(PoolHost.Patience);
            return (process.ExitCode, Colours().Replace(string.Concat(output), ""));
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }

    private static string? MissingNode() =>
        File.Exists(Folder!.Module(NodeModule)) ? null : $"{NodeModule} is not installed";

    [GeneratedRegex("\u001b\\[[0-9;]*m")]
    private static partial Regex Colours();
}
