using System.Diagnostics;
using Xunit;

namespace McpActors.Tests.Chaos;

/// <summary>
/// A short run of the chaos program, which harms real servers in real processes under load and holds what the callers were told against what the
/// servers wrote down. Longer ones: docs/reliability.md. Alone, because it loads the machine and keeps time.
/// </summary>
[Collection(Name)]
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ChaosTests
{
    private const string Name = "chaos";

    /// <summary>Beyond the run itself: every server is started before it, and back in service after it.</summary>
    private static readonly TimeSpan Guard = TimeSpan.FromMinutes(3);

    [SkippableFact]
    public async Task No_call_is_lost_and_none_runs_twice_while_servers_are_killed_stopped_hung_and_replaced()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "stops processes with signals");
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in new[] { Path.Combine(AppContext.BaseDirectory, "McpActors.Chaos.dll"), "--seed", "20", "--seconds", "20", "--callers", "16" })
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        try
        {
            var output = process.StandardOutput.ReadToEndAsync();
            var error = process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync().WaitAsync(Guard);
            Assert.True(process.ExitCode == 0, $"exit code {process.ExitCode}\n{await output}\n{await error}");
        }
        finally
        {
            // The servers it started end when it does.
            process.Kill();
        }
    }
}
