using System.CommandLine;
using McpActors.Host.Demo;
using McpActors.Host.Presentation;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace McpActors.Host.Commands;

/// <summary>
/// <c>mcp-actors demo-server</c>: an MCP server on stdin and stdout, to try a <c>command</c> in a configuration. It ends when its stdin is
/// closed.
/// </summary>
internal static class DemoServerCommand
{
    public static Command Create()
    {
        var command = new Command("demo-server", "Run a demo MCP server over stdio, to be used as a `command`.");
        var name = new Option<string>("--name")
        {
            Description = "The name it reports.",
            HelpName = "name",
            DefaultValueFactory = _ => "demo",
        };
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
            ToolCollection =
            [
                DemoTools.GetData(name), DemoTools.CountDown(TimeProvider.System), DemoTools.Where(name), DemoTools.TakeTicket(),
            ],
        });
        await server.RunAsync(cancellation);
    }
}
