using System.Collections.Frozen;
using System.Text.Json;
using ModelContextProtocol.Protocol;

namespace McpActors.Connections;

/// <summary>The tools, resources and prompts of one server; a list is null while it could not be read. Immutable.</summary>
/// <param name="Tools">Its tools by name.</param>
/// <param name="Resources">Its resources by URI.</param>
/// <param name="Templates">Its resource templates by URI template.</param>
/// <param name="Prompts">Its prompts by name.</param>
internal sealed record ServerCatalogue(
    FrozenDictionary<string, CatalogueTool>? Tools,
    FrozenDictionary<string, JsonElement>? Resources,
    FrozenDictionary<string, JsonElement>? Templates,
    FrozenDictionary<string, JsonElement>? Prompts)
{
    private readonly Lazy<UriTemplate[]> _templates = Parse(Templates);

    /// <summary>The resource templates by URI template.</summary>
    public FrozenDictionary<string, JsonElement>? Templates
    {
        get;
        init => (field, _templates) = (value, Parse(value));
    } = Templates;

    /// <summary>
    /// A catalogue of these lists: <paramref name="known"/> itself if it has the same ones, null when there is no list at all.
    /// </summary>
    public static ServerCatalogue? Of(
        FrozenDictionary<string, CatalogueTool>? tools,
        FrozenDictionary<string, JsonElement>? resources,
        FrozenDictionary<string, JsonElement>? templates,
        FrozenDictionary<string, JsonElement>? prompts,
        ServerCatalogue? known)
    {
        if (ReferenceEquals(tools, known?.Tools)
            && ReferenceEquals(resources, known?.Resources)
            && ReferenceEquals(templates, known?.Templates)
            && ReferenceEquals(prompts, known?.Prompts))
        {
            return known;
        }
        return new ServerCatalogue(tools, resources, templates, prompts);
    }

    /// <summary>
    /// Whether it has a tool, prompt or resource; a resource also by a template. Null while the list that would say so could not be read.
    /// </summary>
    public bool? Has(Offer offer) => offer.Method switch
    {
        RequestMethods.ToolsCall => Tools?.ContainsKey(offer.Name),
        RequestMethods.PromptsGet => Prompts?.ContainsKey(offer.Name),
        _ => HasResource(offer.Name),
    };

    private bool? HasResource(string uri)
    {
        // A completion names the template itself.
        if (Resources?.ContainsKey(uri) == true || Templates?.ContainsKey(uri) == true)
            return true;
        if (Array.Exists(_templates.Value, template => template.Matches(uri)))
            return true;
        return Resources is null || Templates is null ? null : false;
    }

    private static Lazy<UriTemplate[]> Parse(FrozenDictionary<string, JsonElement>? templates) =>
        new(() => templates is null ? [] : [.. templates.Keys.Select(text => new UriTemplate(text))]);
}

/// <summary>A tool of one server.</summary>
/// <param name="Definition">The MCP definition.</param>
/// <param name="Repeatable">The server marks it <c>readOnlyHint</c> or <c>idempotentHint</c>; a missing hint means false.</param>
internal sealed record CatalogueTool(JsonElement Definition, bool Repeatable);
