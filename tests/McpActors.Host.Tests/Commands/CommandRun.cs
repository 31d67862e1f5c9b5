using McpActors.Host.Commands;

namespace McpActors.Host.Tests.Commands;

/// <summary>The output and the exit code of one command, run in this process.</summary>
internal sealed record CommandRun(ExitCode ExitCode, string Output, string Error)
{
    /// <summary>Runs it with this address of a host, standard input and access token.</summary>
    public static async Task<CommandRun> RunAsync(
        string[] args, Uri? host = null, string input = "", string? token = null, TextReader? reader = null,
        CancellationToken cancellation = default)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var console = new CommandConsole
        {
            Output = output,
            Error = error,
            Input = reader ?? new StringReader(input),
            Environment = name => name switch { "MCP_ACTORS_URL" => host?.ToString(), "MCP_ACTORS_ACCESS_TOKEN" => token, _ => null },
        };
        var code = await CommandLine.RunAsync(
            args, _ => throw new InvalidOperationException("the worker was started"), console, cancellation)
            .WaitAsync(TimeSpan.FromMinutes(2), CancellationToken.None);
        return new CommandRun((ExitCode)code, output.ToString(), error.ToString());
    }
}
