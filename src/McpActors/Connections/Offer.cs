using System.Text.Json;
using ModelContextProtocol.Protocol;

namespace McpActors.Connections;

/// <summary>An entry of a server's catalogue that a call needs.</summary>
/// <param name="Method">The method that uses it: <c>tools/call</c>, <c>prompts/get</c> or <c>resources/read</c>. A completion has
/// that of its prompt or resource.</param>
/// <param name="Name">The name of the tool or prompt; the URI of the resource, or its template.</param>
internal readonly record struct Offer(string Method, string Name)
{
    /// <summary>The name of the tool; null for a prompt or resource.</summary>
    public string? Tool => Method == RequestMethods.ToolsCall ? Name : null;

    /// <summary>The kind of the entry, for error messages.</summary>
    public string Kind => Method switch
    {
        RequestMethods.ToolsCall => "tool",
        RequestMethods.PromptsGet => "prompt",
        _ => "resource",
    };

    /// <summary>Whether a server that does not list it does not have it. Servers may have resources that they do not list.</summary>
    public bool IsAlwaysListed => Method != RequestMethods.ResourcesRead;

    /// <summary>Whether a method uses an entry of the catalogue.</summary>
    public static bool IsNeededBy(string method) =>
        method is RequestMethods.ToolsCall or RequestMethods.PromptsGet or RequestMethods.ResourcesRead;

    /// <summary>
    /// The prompt, or the resource by its template, that the parameters of <c>completion/complete</c> refer to; null when they refer to
    /// neither.
    /// </summary>
    public static Offer? CompletedBy(JsonElement parameters)
    {
        if (!parameters.TryGetProperty("ref"u8, out var reference) || TextOf(reference, "type"u8) is not { } type)
            return null;
        return type switch
        {
            "ref/prompt" when TextOf(reference, "name"u8) is { } name => new Offer(RequestMethods.PromptsGet, name),
            "ref/resource" when TextOf(reference, "uri"u8) is { } uri => new Offer(RequestMethods.ResourcesRead, uri),
            _ => null,
        };
    }

    private static string? TextOf(JsonElement json, ReadOnlySpan<byte> name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
