using System.CommandLine;
using System.Runtime.InteropServices;
using System.Text.Json;
using McpActors.Host.Api.Contract;

namespace McpActors.Host.Commands;

/// <summary>Common to every command except <c>run</c>: <c>--json</c>, exit codes of errors, Ctrl-C.</summary>
internal static class CommandRunner
{
    /// <summary>Adds <c>--json</c> to a command.</summary>
    public static Option<bool> AddJsonOption(this Command command)
    {
        var json = new Option<bool>("--json") { Description = "Print JSON for scripts instead of text." };
        command.Options.Add(json);
        return json;
    }

    /// <summary>Sets the action of a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="json">Its <c>--json</c>: an error is then also written to the output.</param>
    /// <param name="console">Where errors go.</param>
    /// <param name="run">The action.</param>
    public static void Runs(
        this Command command, Option<bool> json, CommandConsole console, Func<ParseResult, CancellationToken, Task<ExitCode>> run) =>
        command.SetAction(async (given, cancellation) =>
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
            using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
            try
            {
                return (int)await run(given, stop.Token);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                var stopped = new CommandException(nameof(PoolErrorKind.Cancelled), "The command was stopped before it was done.");
                return (int)Fail(stopped, given.GetValue(json), console);
            }
            catch (CommandException e)
            {
                return (int)Fail(e, given.GetValue(json), console);
            }
            catch (Exception e)
            {
                // A bug, so all its details are shown.
                var details = TerminalText.Lines(e.ToString());
                await console.Error.WriteLineAsync($"mcp-actors stopped because of an unexpected error: {details}");
                return (int)ExitCode.Failed;
            }

            void Stop(PosixSignalContext signal)
            {
                // The second signal ends the process at once.
                signal.Cancel = !stop.IsCancellationRequested;
                stop.Cancel();
            }
        });

    /// <summary>Writes JSON as a host wrote it.</summary>
    public static void WriteJson(this CommandConsole console, string json) => console.Output.WriteLine(TerminalText.Json(json));

    private static ExitCode Fail(CommandException e, bool json, CommandConsole console)
    {
        if (json)
            console.WriteJson(e.Json ?? JsonSerializer.Serialize(e.Reply, ApiJson.Strict.ErrorReply));
        ErrorText.Write(e.Reply, console.Error);
        return ExitCodes.Of(e.Reply.Error.Kind);
    }
}
