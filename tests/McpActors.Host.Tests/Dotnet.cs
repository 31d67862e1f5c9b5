using System.Diagnostics;

namespace McpActors.Host.Tests;

/// <summary>The <c>dotnet</c> command.</summary>
internal static class Dotnet
{
    private static readonly TimeSpan Guard = TimeSpan.FromMinutes(5);

    /// <summary>Builds with these leave no build node behind and run no analyzers, which the build of the tests has run.</summary>
    public static IReadOnlyList<string> Quick { get; } = ["-nodeReuse:false", "-p:Strict=false"];

    /// <summary>Runs it to its end.</summary>
    /// <returns>Its stdout.</returns>
    /// <exception cref="InvalidOperationException">Its exit code was not 0; the message has its output.</exception>
    public static Task<string> RunAsync(string folder, params IEnumerable<string> args) => RunAsync(folder, [], args);

    /// <inheritdoc cref="RunAsync(string, IEnumerable{string})"/>
    public static async Task<string> RunAsync(string folder, Dictionary<string, string> environment, IEnumerable<string> args)
    {
        var start = new ProcessStartInfo
        {
            FileName = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["DOTNET_NOLOGO"] = "1", ["DOTNET_CLI_UI_LANGUAGE"] = "en", ["MSBUILDTERMINALLOGGER"] = "off" },
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        foreach (var arg in args)
            start.ArgumentList.Add(arg);

        using var process = Process.Start(start)!;
        using var guard = new CancellationTokenSource(Guard);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(guard.Token);
            var error = process.StandardError.ReadToEndAsync(guard.Token);
            await process.WaitForExitAsync(guard.Token);
            return process.ExitCode == 0
                ? await output
                : throw new InvalidOperationException(
                    $"dotnet {string.Join(' ', args)} ended with {process.ExitCode}: {await output}{await error}");
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }
}
