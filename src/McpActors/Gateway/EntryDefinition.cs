using System.Text.Json.Nodes;

namespace McpActors.Gateway;

/// <summary>How an entry stands in a list: as its servers define it, under its offered name. Pure.</summary>
internal static class EntryDefinition
{
    /// <summary>The member of a result that holds the entries of a kind.</summary>
    public static string ListOf(EntryKind kind) => kind switch
    {
        EntryKind.Tool => "tools",
        EntryKind.Prompt => "prompts",
        EntryKind.Resource => "resources",
        _ => "resourceTemplates",
    };

    public static JsonObject Of(EntryKind kind, GatewayEntry entry)
    {
        // Written as the text it came as, as long as nothing in it is changed.
        var definition = JsonObject.Create(entry.Definition)!;
        if (entry.Name != entry.Original)
            definition[KeyOf(kind)] = entry.Name;
        return definition;
    }

    private static string KeyOf(EntryKind kind) => kind switch
    {
        EntryKind.Tool or EntryKind.Prompt => "name",
        EntryKind.Resource => "uri",
        _ => "uriTemplate",
    };
}
