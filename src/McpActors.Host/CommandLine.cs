using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using McpActors.Configuration;
using McpActors.Host.Commands;

namespace McpActors.Host;

/// <summary>Reads the command line. A mistake in it ends with a message and exit code 1.</summary>
internal static class CommandLine
{
    /// <summary>Runs the worker or another command, or answers <c>--help</c> or <c>--version</c>.</summary>
    /// <param name="args">The arguments of the process.</param>
    /// <param name="run">The worker: its result is the exit code.</param>
    /// <param name="console">The streams of the commands; null: those of the process.</param>
    /// <param name="cancellation">Cancels a command as Ctrl-C does; not for the worker.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(
        string[] args, Func<WorkerOptions, Task<int>> run, CommandConsole? console = null, CancellationToken cancellation = default)
    {
        console ??= new CommandConsole();
        // `@file` is for the parameters of a call, not for more arguments.
        var parsed = Create(run, console).Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Action is ParseErrorAction mistake)
            return await RefuseAsync(parsed, mistake, console, cancellation);
        return await parsed.InvokeAsync(Invocation(console.Output, console.Error), cancellation);
    }

    /// <summary>Writes the reason, then where the usage is described.</summary>
    private static async Task<int> RefuseAsync(
        ParseResult parsed, ParseErrorAction mistake, CommandConsole console, CancellationToken cancellation)
    {
        if (parsed.Errors.Select(error => error.SymbolResult).OfType<ArgumentResult>().FirstOrDefault(IsMissing) is { } missing)
        {
            await console.Error.WriteLineAsync($"The argument <{missing.Argument.Name}> is missing.");
        }
        else
        {
            mistake.ShowHelp = false;
            mistake.ShowTypoCorrections = parsed.UnmatchedTokens.Any(word => IsNearlyKnown(word, parsed.CommandResult.Command));
            // The suggestions for a mistyped word, which this library writes to the output, belong to the error.
            await parsed.InvokeAsync(Invocation(console.Error, console.Error), cancellation);
        }
        var command = parsed.CommandResult is { Command: var verb, Parent: not null } ? $"mcp-actors {verb.Name}" : "mcp-actors";
        await console.Error.WriteLineAsync($"Run '{command} --help' for usage.");
        return (int)ExitCode.Failed;
    }

    // To a word of three letters this library suggests any other of three.
    private static bool IsNearlyKnown(string word, Command command)
    {
        string[] known = [.. command.Subcommands.Select(verb => verb.Name), .. command.Options.Select(option => option.Name)];
        return Suggestion.For(word, known).Length > 0;
    }

    private static bool IsMissing(ArgumentResult given) => given.Tokens.Count == 0 && given.Argument.Arity.MinimumNumberOfValues > 0;

    private static InvocationConfiguration Invocation(TextWriter output, TextWriter error) => new()
    {
        Output = output,
        Error = error,
        // Each command handles Ctrl-C and SIGTERM itself: draining may take longer than the time-out of this library.
        ProcessTerminationTimeout = null,
        EnableDefaultExceptionHandler = false,
    };

    private static Command Create(Func<WorkerOptions, Task<int>> run, CommandConsole console)
    {
        // Not a RootCommand, which takes its name from the executable file.
        var root = new Command("mcp-actors", "A pool of MCP servers with an HTTP API and a dashboard.")
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

    // The root has the worker's options too; before another command they would have no effect.
    private static void RefuseOptionsBefore(CommandResult verb)
    {
        foreach (var misplaced in ((CommandResult)verb.Parent!).Children.OfType<OptionResult>().Where(option => !option.Implicit))
            verb.AddError($"{misplaced.Option.Name} comes before '{verb.Command.Name}'. Put options after the command.");
    }
}
