using System.Text.Json;
using McpActors.Connections;
using ModelContextProtocol.Protocol;

namespace McpActors.Routing;

/// <summary>Translates a caller's message into the request for a server, or into a description of its problem. Pure.</summary>
internal static class CallTranslation
{
    public static bool TryTranslate(PoolCall call, long maxRequestSize, out CallRequest request, out string problem)
    {
        request = null!;
        var found = call is UnusableCall unusable ? unusable.Problem : CallCheck.ParametersProblemOf(call, maxRequestSize);
        if (found is null)
        {
            request = Translate(call, OwnParameters(call));
            found = CallCheck.ProblemOf(request) ?? CallCheck.ProblemOf(call.Options);
        }
        problem = found ?? "";
        return found is null;
    }

    /// <summary>What the call names, for telemetry of a call that was refused. Does not look into its parameters.</summary>
    public static CallRequest Describe(PoolCall call)
    {
        var request = Translate(call, null);
        return request with { Method = CallWords.Cut(request.Method), Name = request.Name is { } name ? CallWords.Cut(name) : null };
    }

    // The document of a caller may be disposed at any time. An element that no document can take away is not copied.
    private static JsonElement? OwnParameters(PoolCall call) =>
        call.Parameters is { ValueKind: not JsonValueKind.Null } given ? given.Clone() : null;

    // The parameters are known to be readable.
    private static CallRequest Translate(PoolCall call, JsonElement? parameters) =>
        call switch
        {
            Execute { Method: RequestMethods.ToolsCall } e => new(e.Method, NameIn(parameters, "name"u8), parameters, false),
            Execute { Method: RequestMethods.ResourcesRead } e => new(e.Method, NameIn(parameters, "uri"u8), parameters, false),
            Execute { Method: RequestMethods.PromptsGet } e => new(e.Method, NameIn(parameters, "name"u8), parameters, false),
            Execute e when IsMethod(e.Method) => new(e.Method ?? "", null, parameters, false),
            Execute e => new(RequestMethods.ToolsCall, e.Method, parameters, true),
            CallTool t => new(RequestMethods.ToolsCall, t.Name, parameters, true),
            ReadResource r => new(RequestMethods.ResourcesRead, r.Uri, null, true),
            GetPrompt p => new(RequestMethods.PromptsGet, p.Name, parameters, true),
            _ => new("", null, null, false),
        };

    private static bool IsMethod(string? word) => word is null or RequestMethods.Ping || word.Contains('/');

    private static string? NameIn(JsonElement? parameters, ReadOnlySpan<byte> property) =>
        parameters is { } json && json.TryGetProperty(property, out var name) && name.ValueKind == JsonValueKind.String
            ? name.GetString()
            : null;
}
