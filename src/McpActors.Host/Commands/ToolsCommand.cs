using System.CommandLine;
using System.Text.Json;
using McpActors.Host.Api.Contract;
using McpActors.Host.Presentation;

namespace McpActors.Host.Commands;

/// <summary><c>mcp-actors tools</c>: the tools of a running host's pool.</summary>
internal static class ToolsCommand
{
    public static Command Create(CommandConsole console)
    {
        var name = new Argument<string?>("name")
        {
            Description = "Show this tool with its description and arguments. Default: list all tools.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var command = new Command("tools", "List the tools of a running host and the servers that have them.") { name };
        var host = ConnectionOptions.AddTo(command);
        var json = command.AddJsonOption();
        command.Runs(json, console, async (given, cancellation) =>
        {
            using var client = host.Connect(given, console);
            var tools = await client.ToolsAsync(cancellation);
            if (given.GetValue(name) is { } wanted)
                WriteOne(Find(tools.Value, wanted), given.GetValue(json), console);
            else if (given.GetValue(json))
                console.WriteJson(tools.Json);
            else
                WriteAll(tools.Value, console.Output);
            return ExitCode.Done;
        });
        return command;
    }

    private static ToolReply Find(ToolsReply tools, string name) =>
        tools.Tools.FirstOrDefault(tool => tool.Name == name)
        ?? throw new CommandException(
            nameof(PoolErrorKind.InvalidRequest), $"No server has a tool '{name}'. Run `mcp-actors tools` to list all tools.");

    private static void WriteAll(ToolsReply tools, TextWriter output)
    {
        var table = new TextTable("NAME", "SERVERS", "HINTS", "DESCRIPTION");
        foreach (var tool in tools.Tools)
            table.Add(tool.Name, string.Join(",", tool.Servers), Hints(tool.Definition), tool.Definition.Text("description"));
        table.WriteTo(output);
    }

    private static void WriteOne(ToolReply tool, bool asJson, CommandConsole console)
    {
        if (asJson)
        {
            console.WriteJson(JsonSerializer.Serialize(tool, ApiJson.Strict.ToolReply));
            return;
        }
        console.Output.WriteLine($"{TerminalText.Line(tool.Name)}  ({TerminalText.Line(string.Join(", ", tool.Servers))})");
        if (Hints(tool.Definition) is { } hints)
            console.Output.WriteLine($"Hints: {hints}");
        if (tool.Definition.Text("description") is { } description)
            console.Output.WriteLine($"{Environment.NewLine}{TerminalText.Lines(description)}");
        if (tool.Definition.Find("inputSchema") is not { } schema)
            return;
        console.Output.WriteLine($"{Environment.NewLine}Arguments (JSON schema):");
        console.Output.WriteLine(TerminalText.Json(ReadableJson.Indent(schema)));
    }

    /// <summary>The hints its server declares; null: none.</summary>
    private static string? Hints(JsonElement definition)
    {
        var hints = ToolAnnotations.Read(definition);
        (bool? IsDeclared, string Word)[] words =
        [
            (hints.ReadOnly, "read-only"), (hints.Idempotent, "idempotent"), (hints.Destructive, "destructive"),
        ];
        var declared = words.Where(hint => hint.IsDeclared == true).Select(hint => hint.Word).ToList();
        return declared.Count > 0 ? string.Join(",", declared) : null;
    }
}
