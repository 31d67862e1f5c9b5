using McpActors.Pool;
using MudBlazor;

namespace McpActors.Host.Dashboard.Operating;

/// <summary>Carries out an operator's commands for one page: asks where it interrupts, sends it, and says what came of it.</summary>
internal sealed partial class OperatorDesk(IMcpPool pool, IDialogService dialogs, ISnackbar messages, ILogger<OperatorDesk> log)
{
    /// <summary>Asks, sends, says.</summary>
    public async Task RunAsync(OperatorCommand command, ServerInfo server)
    {
        if (command.Interrupts && !await ConfirmAsync(command, server))
            return;

        try
        {
            await pool.CommandAsync(command.Create(server.Name));
            messages.Add($"{command.Name}: {server.Name} – done", Severity.Success);
        }
        catch (CommandRefusedException refused)
        {
            messages.Add($"{command.Name}: {refused.Message}", Severity.Error);
        }
        catch (Exception e)
        {
            // The page stays; whoever pressed the button is told.
            LogFailed(log, command.Name, server.Name, e);
            messages.Add($"{command.Name}: the pool did not answer. Look at the server's status before you try again.", Severity.Error);
        }
    }

    private async Task<bool> ConfirmAsync(OperatorCommand command, ServerInfo server) =>
        await dialogs.ShowMessageBoxAsync($"{command.Name} {server.Name}?", command.Question(server), command.Name, cancelText: "Cancel") == true;

    [LoggerMessage(1, LogLevel.Warning, "{Command} of {Server}: the pool did not answer.")]
    private static partial void LogFailed(ILogger logger, string command, string server, Exception e);
}
