using McpActors.Pool;
using MudBlazor;

namespace McpActors.Host.Dashboard.Operating;

/// <summary>Runs the commands of an operator for one page: asks for confirmation, sends the command, shows the result.</summary>
internal sealed partial class OperatorDesk(IMcpPool pool, IDialogService dialogs, ISnackbar messages, ILogger<OperatorDesk> log)
{
    /// <summary>Confirms and sends a command, and shows its result.</summary>
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
            // The page stays and shows the problem.
            LogFailed(log, command.Name, server.Name, e);
            messages.Add($"{command.Name}: the pool did not answer. Check the status of the server before you try again.", Severity.Error);
        }
    }

    private async Task<bool> ConfirmAsync(OperatorCommand command, ServerInfo server)
    {
        var title = $"{command.Name} {server.Name}?";
        return await dialogs.ShowMessageBoxAsync(title, command.Question(server), command.Name, cancelText: "Cancel") == true;
    }

    [LoggerMessage(1, LogLevel.Warning, "{Command} {Server}: the pool did not answer.")]
    private static partial void LogFailed(ILogger logger, string command, string server, Exception e);
}
