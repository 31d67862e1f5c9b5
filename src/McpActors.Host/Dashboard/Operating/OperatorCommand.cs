using McpActors.Host.Presentation;
using MudBlazor;

namespace McpActors.Host.Dashboard.Operating;

/// <summary>An operator's command as the pages offer it.</summary>
/// <param name="Name">The text of its button.</param>
/// <param name="Icon">The icon beside it.</param>
/// <param name="Does">Its effect, in a sentence.</param>
/// <param name="Create">The message to the pool.</param>
/// <param name="IsOfUse">Whether it has an effect on a server in that state.</param>
/// <param name="Interrupts">Whether it makes the server unavailable to calls, and so needs a confirmation.</param>
public sealed record OperatorCommand(
    string Name, string Icon, string Does, Func<string, PoolCommand> Create, Func<ServerInfo, bool> IsOfUse, bool Interrupts)
{
    public static OperatorCommand Connect { get; } = new(
        "Connect", Icons.Material.Outlined.Power, "Connects the server now, without waiting for the next attempt.",
        name => new ConnectServer(name),
        server => server.Status is ServerStatus.Disconnected or ServerStatus.Error || server.Draining, false);

    public static OperatorCommand Disconnect { get; } = new(
        "Disconnect", Icons.Material.Outlined.PowerOff,
        "Closes the connection at once and keeps it closed. Calls in flight are lost; drain the server first to let them finish.",
        name => new DisconnectServer(name), server => server.Status is not ServerStatus.Disconnected, true);

    public static OperatorCommand Reconnect { get; } = new(
        "Reconnect", Icons.Material.Outlined.Refresh, "Closes the connection and opens a new one. Calls in flight are lost.",
        name => new ReconnectServer(name), _ => true, true);

    public static OperatorCommand Drain { get; } = new(
        "Drain", Icons.Material.Outlined.HourglassBottom, "Sends no new calls, lets calls in flight finish, then disconnects the server.",
        name => new DrainServer(name), server => server.Status is not ServerStatus.Disconnected && !server.Draining, true);

    public static OperatorCommand Isolate { get; } = new(
        "Isolate", Icons.Material.Outlined.Block, "Holds the circuit open until it is reset. The connection stays.",
        name => new IsolateServer(name), server => server.Circuit is not CircuitState.Isolated, true);

    public static OperatorCommand Reset { get; } = new(
        "Reset circuit", Icons.Material.Outlined.RestartAlt, "Closes the circuit and forgets its failures.",
        name => new ResetCircuit(name), server => server.Circuit is not CircuitState.Closed, false);

    /// <summary>All of them, in the order of their buttons.</summary>
    public static IReadOnlyList<OperatorCommand> All { get; } = [Connect, Disconnect, Reconnect, Drain, Isolate, Reset];

    /// <summary>The text of the confirmation: the effect, and the calls in flight now.</summary>
    public string Question(ServerInfo server) =>
        server.InFlight == 0 ? Does : $"{Does} {Format.Count(server.InFlight, "call is", "calls are")} in flight now.";
}
