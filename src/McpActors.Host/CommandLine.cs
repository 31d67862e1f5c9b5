using System.CommandLine;
using System.CommandLine.Invocation;
using System.Globalization;

namespace McpActors.Host;

/// <summary>Reads the command line. Anything it does not know ends with a message and exit code 1.</summary>
internal static class CommandLine
{
    /// <summary>Runs the worker with the options given, or answers <c>--help</c>, <c>--version</c> or a mistake.</summary>
    /// <param name="args">The arguments of the process.</param>
    /// <param name="run">The worker: its result is the exit code.</param>
    /// <param name="output">Where help goes; null: the console.</param>
    /// <param name="error">Where complaints go; null: the console.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(
        string[] args, Func<WorkerOptions, Task<int>> run, TextWriter? output = null, TextWriter? error = null)
    {
        var parsed = Create(run).Parse(args);
        if (parsed.Action is ParseErrorAction mistake)
        {
            mistake.ShowHelp = false;
            (error ?? Console.Error).WriteLine("mcp-actors: --help shows what can be given.");
        }

        return await parsed.InvokeAsync(new InvocationConfiguration
        {
            Output = output ?? Console.Out,
            Error = error ?? Console.Error,
            // The host's own lifetime answers Ctrl-C and SIGTERM, because draining may take longer than the time-out of this library.
            ProcessTerminationTimeout = null,
            EnableDefaultExceptionHandler = false,
        });
    }

    private static RootCommand Create(Func<WorkerOptions, Task<int>> run)
    {
        var config = new Option<string?>("--config", "-c")
        {
            Description = "The HOCON file with the servers to serve. Without it, three demo servers are started.",
            HelpName = "file",
        };
        var urls = new Option<string?>("--urls")
        {
            Description = $"Where the HTTP API listens; several are separated by ';'. Default: {WorkerOptions.DefaultUrls}",
            HelpName = "urls",
        };
        var demoPort = new Option<int>("--demo-port")
        {
            Description = "The first of the three ports of the demo servers; 0: any free ones.",
            HelpName = "port",
            DefaultValueFactory = _ => WorkerOptions.DefaultDemoPort,
        };
        demoPort.Validators.Add(given =>
        {
            // A value that is no number has its own error already.
            var isNumber = int.TryParse(given.Tokens.Count == 1 ? given.Tokens[0].Value : null, CultureInfo.InvariantCulture, out var port);
            if (isNumber && port is < 0 or > ushort.MaxValue - 2)
                given.AddError($"--demo-port: a number from 0 to {ushort.MaxValue - 2} is needed, so that three ports fit.");
        });

        var root = new RootCommand("A pool of MCP servers with an HTTP API.") { config, urls, demoPort };
        root.Validators.Add(given =>
        {
            if (given.GetResult(config) is { Implicit: false } && given.GetResult(demoPort) is { Implicit: false })
                given.AddError("--demo-port is for the demo servers, which --config replaces: give one of the two.");
        });
        root.SetAction(given => run(new WorkerOptions(given.GetValue(config), given.GetValue(urls), given.GetValue(demoPort))));
        return root;
    }
}
