using System.Diagnostics;
using McpActors.Host.Tests;

namespace McpActors.Delivery.Tests.Ledgers;

/// <summary>The chaos program, built beside these tests.</summary>
internal static class ChaosProgram
{
    /// <summary>Runs it to its end. Fails with its output when the callers' outcomes do not agree with the servers' records.</summary>
    public static async Task RunAsync(TimeSpan guard, params string[] arguments)
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        var program = Repository.At("tests", "McpActors.Chaos", "bin", configuration, "net10.0", "McpActors.Chaos.dll");
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [program, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        try
        {
            var output = process.StandardOutput.ReadToEndAsync();
            var error = process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync().WaitAsync(guard);
            Assert.True(process.ExitCode == 0, $"exit code {process.ExitCode}\n{await output}\n{await error}");
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }
}
