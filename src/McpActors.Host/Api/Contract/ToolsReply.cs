using System.ComponentModel;
using System.Text.Json;

namespace McpActors.Host.Api.Contract;

/// <summary>The answer of <c>GET /api/tools</c>: a <see cref="ToolList"/>.</summary>
internal sealed record ToolsReply([property: Description("The tools, ordered by name.")] IReadOnlyList<ToolReply> Tools)
{
    public static ToolsReply From(ToolList list) =>
        new([.. list.Tools.Select(tool => new ToolReply(tool.Name, tool.Servers, tool.Definition))]);
}

/// <summary>One tool, and the servers that have it.</summary>
internal sealed record ToolReply(
    [property: Description("Its name, for the method of a call.")] string Name,
    [property: Description("The servers that have it, in configured order.")] IReadOnlyList<string> Servers,
    [property: Description("The MCP definition of the tool by the first of these servers: description, inputSchema, annotations, ….")]
    JsonElement Definition);
