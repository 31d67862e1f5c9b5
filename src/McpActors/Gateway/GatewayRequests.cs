using System.Text.Json;
using System.Text.Json.Nodes;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace McpActors.Gateway;

/// <summary>
/// Answers the requests of clients that concern the pool's entries: lists from the view, everything else by a call of the pool. What is a
/// service's own, and all other methods, are left to the SDK. Thread-safe.
/// </summary>
/// <param name="calls">Runs the calls.</param>
/// <param name="views">The view.</param>
/// <param name="options">The options of the gateway.</param>
internal sealed class GatewayRequests(GatewayCalls calls, ViewKeeper views, GatewayOptions options)
{
    /// <summary>The answer to a request.</summary>
    /// <returns>Null: the request is the SDK's to answer.</returns>
    public Task<JsonRpcMessage?> AnswerAsync(McpServer client, JsonRpcRequest request, CancellationToken cancellation)
    {
        var era = EraShaping.EraOf(request.Context?.ProtocolVersion ?? client.NegotiatedProtocolVersion);
        var asked = new ClientRequest(client, request, era);
        return request.Method switch
        {
            RequestMethods.ToolsList => ListAsync(asked, EntryKind.Tool, view => view.Tools, cancellation),
            RequestMethods.PromptsList => ListAsync(asked, EntryKind.Prompt, view => view.Prompts, cancellation),
            RequestMethods.ResourcesList => ListAsync(asked, EntryKind.Resource, view => view.Resources, cancellation),
            RequestMethods.ResourcesTemplatesList => ListAsync(asked, EntryKind.Template, view => view.Templates, cancellation),
            RequestMethods.ToolsCall => CallNamedAsync(asked, EntryKind.Tool, view => view.Tools, cancellation),
            RequestMethods.PromptsGet => CallNamedAsync(asked, EntryKind.Prompt, view => view.Prompts, cancellation),
            RequestMethods.ResourcesRead => ReadAsync(asked, cancellation),
            RequestMethods.CompletionComplete => CompleteAsync(asked, cancellation),
            _ => Task.FromResult<JsonRpcMessage?>(null),
        };
    }

    // Lists

    private async Task<JsonRpcMessage?> ListAsync(
        ClientRequest asked, EntryKind kind, Func<GatewayView, EntryList> part, CancellationToken cancellation)
    {
        var view = await views.ReadAsync(cancellation).ConfigureAwait(false);
        var cursor = asked.Text("cursor");
        if (Page.Of(part(view), cursor, options.PageSize) is not { } page)
            return asked.Refuse($"the cursor {CallWords.Cut(cursor!)} is none of this server's; list again without one");
        var entries = new JsonArray();
        // The service's own stand on the first page, before those of the pool.
        if (cursor is null)
        {
            foreach (var own in asked.Own.DefinitionsOf(kind))
                entries.Add(own);
        }
        foreach (var entry in page.Entries.Where(entry => !asked.Own.Has(kind, entry.Name)))
            entries.Add(EntryDefinition.Of(kind, entry));
        var result = new JsonObject { [EntryDefinition.ListOf(kind)] = entries };
        if (page.NextCursor is { } next)
            result["nextCursor"] = next;
        return asked.Answer(result);
    }

    // Calls

    private async Task<JsonRpcMessage?> CallNamedAsync(
        ClientRequest asked, EntryKind kind, Func<GatewayView, EntryList> part, CancellationToken cancellation)
    {
        if (asked.Text("name") is not { } name)
            return asked.Refuse($"{asked.Request.Method} needs the name of a {WordOf(kind)} in params.name");
        if (asked.Own.Has(kind, name))
            return null;
        var view = await views.ReadAsync(cancellation, view => part(view).Find(name) is not null).ConfigureAwait(false);
        return part(view).Find(name) is { } entry
            ? await calls.RunAsync(
                asked, entry.Group, name, parameters => parameters["name"] = entry.Original, cancellation).ConfigureAwait(false)
            : asked.Refuse(Unknown(view, kind, name));
    }

    private async Task<JsonRpcMessage?> ReadAsync(ClientRequest asked, CancellationToken cancellation)
    {
        if (asked.Text("uri") is not { } uri)
            return asked.Refuse($"{RequestMethods.ResourcesRead} needs the URI of a resource in params.uri");
        if (asked.Own.Has(EntryKind.Resource, uri))
            return null;
        var view = await views.ReadAsync(cancellation, view => view.OwnersOf(uri).Groups.Count == 1).ConfigureAwait(false);
        var (groups, original) = view.OwnersOf(uri);
        if (groups.Count == 1)
        {
            return await calls.RunAsync(
                asked, groups[0], uri, parameters => parameters["uri"] = original, cancellation).ConfigureAwait(false);
        }
        // The SDK knows which templates of the service match.
        if (groups.Count == 0 && asked.Own.HasAny(EntryKind.Resource))
            return null;
        return asked.Refuse(groups.Count == 0
            ? NoResource(asked.Era, uri)
            : GatewayErrors.Invalid($"The resource {CallWords.Cut(uri)} may be one of several groups: {Listed(groups)}. {HowToTellApart}"));
    }

    private async Task<JsonRpcMessage?> CompleteAsync(ClientRequest asked, CancellationToken cancellation)
    {
        var reference = (asked.Request.Params as JsonObject)?["ref"] as JsonObject;
        var (kind, key) = ClientRequest.TextIn(reference, "type") == "ref/prompt"
            ? (EntryKind.Prompt, "name")
            : (EntryKind.Template, "uri");
        if (ClientRequest.TextIn(reference, key) is not { } name)
            return asked.Refuse($"{RequestMethods.CompletionComplete} needs a prompt or a resource in params.ref");
        if (asked.Own.Has(kind, name))
            return null;
        var view = await views.ReadAsync(cancellation, view => EntryIn(view) is not null).ConfigureAwait(false);
        var entry = EntryIn(view);
        return entry is null
            ? asked.Refuse(Unknown(view, kind, name))
            : await calls.RunAsync(
                asked, entry.Group, name, parameters => parameters["ref"]![key] = entry.Original, cancellation).ConfigureAwait(false);

        GatewayEntry? EntryIn(GatewayView view) =>
            kind == EntryKind.Prompt ? view.Prompts.Find(name) : view.Templates.Find(name) ?? view.Resources.Find(name);
    }

    // Words

    private const string HowToTellApart =
        "The operator of this server can name one of them in prefer, or set names = prefixed.";

    private static JsonRpcErrorDetail Unknown(GatewayView view, EntryKind kind, string name) =>
        GatewayErrors.Invalid(view.GroupsInConflict(kind, name) is { Count: > 0 } groups
            ? $"The {WordOf(kind)} {CallWords.Cut(name)} is in several groups: {Listed(groups)}. {HowToTellApart}"
            : $"Unknown {WordOf(kind)}: {CallWords.Cut(name)}");

    private static JsonRpcErrorDetail NoResource(Era era, string uri) => new()
    {
        Code = EraShaping.NoResource(era),
        Message = $"Resource not found: {CallWords.Cut(uri)}",
        Data = JsonSerializer.SerializeToElement(new JsonObject { ["uri"] = uri }),
    };

    private static string Listed(IEnumerable<string> groups) => string.Join(", ", groups);

    private static string WordOf(EntryKind kind) => kind switch
    {
        EntryKind.Tool => "tool",
        EntryKind.Prompt => "prompt",
        EntryKind.Resource => "resource",
        _ => "resource template",
    };
}
