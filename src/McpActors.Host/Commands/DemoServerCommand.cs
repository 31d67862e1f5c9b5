using System.CommandLine;
using McpActors.Host.Demo;
using McpActors.Host.Presentation;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace McpActors.Host.Commands;

/// <summary>
/// <c>mcp-actors demo-server</c>: an MCP server on stdin and stdout, to be named as a <c>command</c> in a configuration where one is to be tried. Ends with its stdin.
/// </summary>
internal static class DemoServerCommand
{
    public static Command Create()
    {
        var command = new Command("demo-server", "Be an MCP server on stdin and stdout, for a configuration to start as a command.");
        var name = new Option<string>("--name") { Description = "What it calls itself.", HelpName = "name", DefaultValueFactory = _ => "demo" };
        command.Options.Add(name);
        command.SetAction((given, cancellation) => ServeAsync(given.GetValue(name)!, cancellation));
        return command;
    }

    private static async Task ServeAsync(string name, CancellationToken cancellation)
    {
        await using var transport = new StdioServerTransport(name);
        await using var server = McpServer.Create(transport, new McpServerOptions
        {
            ServerInfo = new Implementation { Name = name, Version = ProgramVersion.Text },
            ToolCollection = [DemoTools.GetData(name), DemoTools.CountDown(TimeProvider.System), DemoTools.Where(name), DemoTools.TakeTicket()],
        });
        await server.RunAsync(cancellation);
    }
}
