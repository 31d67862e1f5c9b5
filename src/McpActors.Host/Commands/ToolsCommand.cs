using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using McpActors.Host.Api;
using McpActors.Host.Dashboard.Calling;

namespace McpActors.Host.Commands;

/// <summary><c>mcp-actors tools</c>: the tools of a running host's pool.</summary>
internal static class ToolsCommand
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Create(CommandConsole console)
    {
        var name = new Argument<string?>("name")
        {
            Description = "One tool, to be shown with its whole description and its arguments. Default: all of them.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var command = new Command("tools", "List the tools of a running host's pool, and the servers that have them.") { name };
        var host = HostOptions.AddTo(command);
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
            nameof(PoolErrorKind.InvalidRequest), $"No server is known to have a tool '{name}'. `mcp-actors tools` lists what there is.");

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
        console.Output.WriteLine(TerminalText.Json(JsonSerializer.Serialize(schema, Readable)));
    }

    /// <summary>What its server vouches for; null: nothing.</summary>
    private static string? Hints(JsonElement definition)
    {
        var annotations = definition.Member("annotations");
        (string Hint, string Word)[] words = [("readOnlyHint", "read-only"), ("idempotentHint", "idempotent"), ("destructiveHint", "destructive")];
        var said = words.Where(w => annotations.Flag(w.Hint) == true).Select(w => w.Word);
        return string.Join(",", said) is { Length: > 0 } text ? text : null;
    }
}
