using System.ComponentModel;
using System.Text.Json;

namespace McpActors.Host.Api.Contract;

/// <summary>The answer of <c>GET /api/tools</c>: what <see cref="ToolList"/> holds.</summary>
internal sealed record ToolsReply([property: Description("The tools, ordered by name.")] IReadOnlyList<ToolReply> Tools)
{
    public static ToolsReply From(ToolList list) => new([.. list.Tools.Select(tool => new ToolReply(tool.Name, tool.Servers, tool.Definition))]);
}

/// <summary>One tool, and who has it.</summary>
internal sealed record ToolReply(
    [property: Description("Its name, which a call gives as its method.")] string Name,
    [property: Description("The servers that have it, in configured order.")] IReadOnlyList<string> Servers,
    [property: Description("The tool as the first of these servers describes it, as MCP writes it: description, inputSchema, annotations, ….")]
    JsonElement Definition);
