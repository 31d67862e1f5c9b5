using System.Diagnostics;

namespace McpActors.Host.Tests.Processes;

/// <summary>
/// A short run of the chaos program with a cluster: three workers under load, of which one leaves and one dies, and what the callers were told held against what the
/// servers wrote down. Longer ones: docs/cluster.md.
/// </summary>
public class ClusterChaosTests
{
    /// <summary>Beyond what it takes: every node starts before it, and is back after each fault.</summary>
    private static readonly TimeSpan Guard = TimeSpan.FromMinutes(10);

    [SkippableFact]
    public async Task No_call_runs_twice_and_none_is_lost_in_order_while_a_node_leaves_and_another_dies()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "ends processes with signals");
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        string[] arguments =
        [
            Repository.At("tests", "McpActors.Chaos", "bin", configuration, "net10.0", "McpActors.Chaos.dll"), "cluster",
            "--host", Path.Combine(AppContext.BaseDirectory, "McpActors.Host.dll"),
            "--seed", "20", "--callers", "8", "--leisure", "10", "--faults", "leave,lose",
        ];
        foreach (var argument in arguments)
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
            process.Kill(entireProcessTree: true);
        }
    }
}
