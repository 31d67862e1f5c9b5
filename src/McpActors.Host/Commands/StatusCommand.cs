using System.CommandLine;
using System.Globalization;
using McpActors.Host.Api.Contract;
using McpActors.Host.Presentation;

namespace McpActors.Host.Commands;

/// <summary><c>mcp-actors status</c>: the servers of a running host, and the nodes of its cluster.</summary>
internal static class StatusCommand
{
    public static Command Create(CommandConsole console)
    {
        var command = new Command("status", "Show the servers of a running host, and the nodes of its cluster.");
        var host = ConnectionOptions.AddTo(command);
        var json = command.AddJsonOption();
        command.Runs(json, console, async (given, cancellation) =>
        {
            using var client = host.Connect(given, console);
            var status = await client.StatusAsync(cancellation);
            if (given.GetValue(json))
            {
                console.WriteJson(status.Json);
                return ExitCode.Done;
            }
            var nodes = await client.NodesAsync(cancellation);
            Write(status.Value, console.Output);
            if (nodes.Value.Nodes.Count > 1)
                Write(nodes.Value, console.Output);
            return ExitCode.Done;
        });
        return command;
    }

    private static void Write(StatusReply status, TextWriter output)
    {
        var table = new TextTable(
            "NAME", "GROUP", "PRIORITY", "STATUS", "CIRCUIT", "IN-FLIGHT", "CALLS", "FAILURES", "LATENCY", "TOOLS", "ENDPOINT", "ERROR");
        foreach (var s in status.Servers)
        {
            table.Add(
                s.Name, s.Group, Text(s.Priority), StatusOf(s), $"{s.Circuit}",
                Text(s.InFlight), Text(s.Calls), Text(s.Failures),
                s.LatencyMs is { } latency ? Times.Text(latency) : null, s.Tools is { } tools ? Text(tools) : null, s.Endpoint,
                ProblemOf(s, status.At));
        }
        table.WriteTo(output);
        if (status.Servers.Any(server => server.DisplayName is not null))
            output.WriteLine();
        foreach (var s in status.Servers.Where(server => server.DisplayName is not null))
            output.WriteLine(TerminalText.Line($"{s.Name} is \"{s.DisplayName}\" in its mcp.json"));
        if (status.Servers.Any(server => server.Remarks is not null))
            output.WriteLine();
        foreach (var s in status.Servers)
        {
            foreach (var remark in s.Remarks ?? [])
                output.WriteLine(TerminalText.Line($"{s.Name}: {remark}"));
        }
    }

    private static string StatusOf(ServerReply server) => server switch
    {
        { Draining: true } => "Draining",
        { Status: ServerStatus.Connected, PausedUntil: not null } => "Paused",
        _ => $"{server.Status}",
    };

    // The last error of a connected server is history; --json has it.
    private static string? ProblemOf(ServerReply server, DateTimeOffset now) => server switch
    {
        { Status: ServerStatus.Connected, PausedUntil: { } until } => $"asked for a pause: calls again {Format.Until(until, now)}",
        { Status: ServerStatus.Connected, Circuit: CircuitState.Closed } => null,
        _ => server.LastError,
    };

    private static void Write(ClusterReply cluster, TextWriter output)
    {
        var table = new TextTable("NODE", "STATE", "CONNECTED", "CIRCUITS-OPEN", "HOLDS");
        foreach (var node in cluster.Nodes)
        {
            table.Add(
                node.Address, node.Reachable ? $"{node.State}" : "Unreachable", node.Known ? $"{node.Connected}/{node.Total}" : null,
                node.Known ? Text(node.CircuitsOpen) : null, node.Known ? Text(node.Holds) : null);
        }
        output.WriteLine();
        table.WriteTo(output);
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
