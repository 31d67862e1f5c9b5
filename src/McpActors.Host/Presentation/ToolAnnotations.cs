using System.Text.Json;

namespace McpActors.Host.Presentation;

/// <summary>What a server declares about a tool in its <c>annotations</c>; null where it declares nothing.</summary>
internal readonly record struct ToolAnnotations(bool? ReadOnly, bool? Idempotent, bool? Destructive, string? Title)
{
    public static ToolAnnotations Read(JsonElement definition)
    {
        var annotations = definition.Member("annotations");
        return new(
            annotations.Flag("readOnlyHint"),
            annotations.Flag("idempotentHint"),
            annotations.Flag("destructiveHint"),
            annotations.Text("title"));
    }
}
