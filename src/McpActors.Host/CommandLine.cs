using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using McpActors.Host.Commands;

namespace McpActors.Host;

/// <summary>Reads the command line. Anything it does not know ends with a message and exit code 1.</summary>
internal static class CommandLine
{
    /// <summary>Runs the worker or another command, or answers <c>--help</c>, <c>--version</c> or a mistake.</summary>
    /// <param name="args">The arguments of the process.</param>
    /// <param name="run">The worker: its result is the exit code.</param>
    /// <param name="console">What the commands read and write; null: the process's own.</param>
    /// <param name="cancellation">Cancels a command as Ctrl-C does; the worker has its own ways.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(
        string[] args, Func<WorkerOptions, Task<int>> run, CommandConsole? console = null, CancellationToken cancellation = default)
    {
        console ??= new CommandConsole();
        // `@file` is for the parameters of a call, not for more arguments.
        var parsed = Create(run, console).Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        var output = console.Output;
        if (parsed.Action is ParseErrorAction mistake)
        {
            // What it suggests in place of a mistyped word belongs to the complaint.
            output = console.Error;
            mistake.ShowHelp = false;
            await console.Error.WriteLineAsync("mcp-actors: --help shows what can be given.");
        }

        return await parsed.InvokeAsync(
            new InvocationConfiguration
            {
                Output = output,
                Error = console.Error,
                // Each command answers Ctrl-C and SIGTERM itself: draining may take longer than the time-out of this library.
                ProcessTerminationTimeout = null,
                EnableDefaultExceptionHandler = false,
            },
            cancellation);
    }

    private static Command Create(Func<WorkerOptions, Task<int>> run, CommandConsole console)
    {
        // No RootCommand, which would go by the name of the file it is started from.
        var root = new Command("mcp-actors", "A pool of MCP servers with an HTTP API.")
        {
            new HelpOption(),
            new VersionOption(),
            RunCommand.Create(run),
            CheckCommand.Create(console),
            StatusCommand.Create(console),
            ToolsCommand.Create(console),
            CallCommand.Create(console),
            DemoServerCommand.Create(),
        };
        RunCommand.AddTo(root, run);
        foreach (var verb in root.Subcommands)
            verb.Validators.Add(RefuseOptionsBefore);
        return root;
    }

    // The worker's options are the root's too; given before a verb they would silently do nothing.
    private static void RefuseOptionsBefore(CommandResult verb)
    {
        foreach (var misplaced in ((CommandResult)verb.Parent!).Children.OfType<OptionResult>().Where(option => !option.Implicit))
            verb.AddError($"{misplaced.Option.Name} stands before '{verb.Command.Name}': options belong behind the command.");
    }
}
