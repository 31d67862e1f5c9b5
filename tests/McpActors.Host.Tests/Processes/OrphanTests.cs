using System.Globalization;
using System.Text.RegularExpressions;

namespace McpActors.Host.Tests.Processes;

/// <summary>No child process outlives the worker. The child here never answers, like a hanging server.</summary>
public class OrphanTests
{
    private static int _marks;

    [SkippableTheory]
    [InlineData("TERM", 0)]
    [InlineData("KILL", 128 + 9)]
    public async Task Its_child_processes_end_with_it(string signal, int expected)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "looks for processes in /proc");
        var mark = UniqueMark();
        using var file = new TempFile($$"""mcp-actors.pool.servers { mute { command = sleep, args = ["{{mark}}"] } }""");
        await using var host = await HostProcess.ServeAsync("--config", file.Name);
        // The address is the first line of the report; the servers follow it.
        await Eventually.TrueAsync(() => Task.FromResult(Regex.IsMatch(host.Output, "(?m)^mute +sleep +default +999 +Connecting$")));
        await Eventually.TrueAsync(() => Task.FromResult(Runs(mark)));

        host.Signal(signal);

        Assert.Equal(expected, (await host.EndAsync()).ExitCode);
        await Eventually.TrueAsync(() => Task.FromResult(!Runs(mark)));
    }

    [SkippableFact]
    public async Task A_start_that_fails_leaves_no_child_process()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "looks for processes in /proc");
        var mark = UniqueMark();
        using var file = new TempFile($$"""mcp-actors.pool.servers { mute { command = sleep, args = ["{{mark}}"] } }""");
        await using var first = await HostProcess.DemoAsync();
        await using var second = HostProcess.Start(
            "--config", file.Name, "--urls", first.Client.BaseAddress!.GetLeftPart(UriPartial.Authority));

        Assert.Equal(1, (await second.EndAsync()).ExitCode);

        await Eventually.TrueAsync(() => Task.FromResult(!Runs(mark)));
    }

    /// <summary>Seconds to sleep: long, and different in every test.</summary>
    private static string UniqueMark() =>
        (100_000 + Environment.ProcessId + Interlocked.Increment(ref _marks) * 10_000_000L).ToString(CultureInfo.InvariantCulture);

    private static bool Runs(string argument) =>
        Directory.EnumerateDirectories("/proc").Any(process =>
            CommandLineOf(process).EndsWith($"sleep\0{argument}\0", StringComparison.Ordinal));

    private static string CommandLineOf(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // No process, or one that has ended meanwhile.
            return "";
        }
    }
}
