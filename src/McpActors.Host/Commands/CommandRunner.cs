using System.CommandLine;
using System.Runtime.InteropServices;
using System.Text.Json;
using McpActors.Host.Api.Contract;

namespace McpActors.Host.Commands;

/// <summary>What every verb but <c>run</c> has in common: <c>--json</c>, errors with their exit code, Ctrl-C.</summary>
internal static class CommandRunner
{
    /// <summary>Gives a command <c>--json</c>.</summary>
    public static Option<bool> AddJsonOption(this Command command)
    {
        var json = new Option<bool>("--json") { Description = "Write JSON for scripts instead of text for people." };
        command.Options.Add(json);
        return json;
    }

    /// <summary>Says what the command does.</summary>
    /// <param name="command">The command.</param>
    /// <param name="json">Its <c>--json</c>: an error is then also written to the output.</param>
    /// <param name="console">Where errors go.</param>
    /// <param name="run">What it does.</param>
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
                return (int)Fail(new CommandException(nameof(PoolErrorKind.Cancelled), "Stopped before it was done."), given.GetValue(json), console);
            }
            catch (CommandException e)
            {
                return (int)Fail(e, given.GetValue(json), console);
            }
            catch (Exception e)
            {
                // Nothing that a person does leads here, so all there is to know is shown.
                await console.Error.WriteLineAsync($"mcp-actors ends because of an unexpected error. {TerminalText.Lines(e.ToString())}");
                return (int)ExitCode.Failed;
            }

            void Stop(PosixSignalContext signal)
            {
                // A second one ends the process as it would without this.
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
