using System.Text.Json;
using System.Text.Json.Nodes;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace McpActors.Gateway;

/// <summary>
/// The entries that a service offers beside those of the pool, in the collections of the SDK. Their names win: the SDK runs them.
/// </summary>
/// <param name="options">The options of the SDK's server.</param>
internal sealed class OwnEntries(McpServerOptions options)
{
    /// <summary>Whether the service itself has an entry.</summary>
    public bool Has(EntryKind kind, string name) => kind switch
    {
        EntryKind.Tool => options.ToolCollection?.TryGetPrimitive(name, out _) == true,
        EntryKind.Prompt => options.PromptCollection?.TryGetPrimitive(name, out _) == true,
        _ => options.ResourceCollection?.TryGetPrimitive(name, out _) == true,
    };

    /// <summary>Whether it has any entry of a kind.</summary>
    public bool HasAny(EntryKind kind) => kind switch
    {
        EntryKind.Tool => options.ToolCollection is { IsEmpty: false },
        EntryKind.Prompt => options.PromptCollection is { IsEmpty: false },
        _ => options.ResourceCollection is { IsEmpty: false },
    };

    /// <summary>The definitions of its entries of a kind.</summary>
    public IEnumerable<JsonNode> DefinitionsOf(EntryKind kind) => kind switch
    {
        EntryKind.Tool => Write(options.ToolCollection?.Select(tool => tool.ProtocolTool)),
        EntryKind.Prompt => Write(options.PromptCollection?.Select(prompt => prompt.ProtocolPrompt)),
        EntryKind.Resource => Write(options.ResourceCollection?.Select(resource => resource.ProtocolResource).OfType<Resource>()),
        _ => Write(options.ResourceCollection?
            .Where(resource => resource.IsTemplated)
            .Select(resource => resource.ProtocolResourceTemplate)),
    };

    private static IEnumerable<JsonNode> Write<T>(IEnumerable<T>? definitions) =>
        (definitions ?? []).Select(definition => JsonSerializer.SerializeToNode(definition, McpJsonUtilities.DefaultOptions)!);
}
