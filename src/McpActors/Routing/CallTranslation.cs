using System.Runtime.InteropServices;
using System.Text.Json;
using McpActors.Configuration;
using McpActors.Connections;
using ModelContextProtocol.Protocol;

namespace McpActors.Routing;

/// <summary>Translates a caller's message into the request for a server, or into a description of what is wrong with it. Pure.</summary>
internal static class CallTranslation
{
    /// <summary>The longest time-out that a timer of the runtime supports.</summary>
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromDays(24);

    public static bool TryTranslate(PoolCall call, long maxRequestSize, out CallRequest request, out string problem)
    {
        if (call is UnusableCall unusable)
        {
            (request, problem) = (new CallRequest("", null, null, false), unusable.Problem);
            return false;
        }
        request = Translate(call);
        problem = ProblemOf(request) ?? ProblemOf(call.Options) ?? ProblemOf(request, maxRequestSize) ?? "";
        return problem.Length == 0;
    }

    /// <summary>The request for a server, without any check.</summary>
    public static CallRequest Translate(PoolCall call) => call switch
    {
        Execute { Method: RequestMethods.ToolsCall } e => new(e.Method, NameIn(e.Params, "name"u8), Given(e.Params), false),
        Execute { Method: RequestMethods.ResourcesRead } e => new(e.Method, NameIn(e.Params, "uri"u8), Given(e.Params), false),
        Execute { Method: RequestMethods.PromptsGet } e => new(e.Method, NameIn(e.Params, "name"u8), Given(e.Params), false),
        Execute e when e.Method is null || e.Method == RequestMethods.Ping || e.Method.Contains('/') =>
            new(e.Method ?? "", null, Given(e.Params), false),
        Execute e => new(RequestMethods.ToolsCall, e.Method, Given(e.Params), true),
        CallTool t => new(RequestMethods.ToolsCall, t.Name, Given(t.Arguments), true),
        ReadResource r => new(RequestMethods.ResourcesRead, r.Uri, null, true),
        GetPrompt p => new(RequestMethods.PromptsGet, p.Name, Given(p.Arguments), true),
        _ => new("", null, null, false),
    };

    private static string? ProblemOf(CallRequest request)
    {
        if (request.Method.Length == 0)
            return "the call names no method: give an MCP method such as tools/call, or the name of a tool";
        if (BelongsToConnection(request.Method))
            return $"{request.Method} belongs to the connection, which the pool manages; it cannot be sent as a call";
        if (string.IsNullOrEmpty(request.Name)
            && request.Method is RequestMethods.ToolsCall or RequestMethods.ResourcesRead or RequestMethods.PromptsGet)
        {
            return $"{request.Method} needs {(request.Method == RequestMethods.ResourcesRead ? "a uri" : "a name")}";
        }
        if (request.Params is { ValueKind: JsonValueKind.Undefined })
            return "the parameters are an undefined JsonElement; pass an object, or null for none";
        if (request.Params is { ValueKind: not JsonValueKind.Object } parameters)
            return $"the parameters are {parameters.ValueKind}; MCP takes an object";
        return null;
    }

    private static bool BelongsToConnection(string method) =>
        method is RequestMethods.Initialize or "logging/setLevel" || method.StartsWith("notifications/", StringComparison.Ordinal);

    private static string? ProblemOf(CallRequest request, long maxRequestSize) =>
        request.Params is { } parameters && JsonMarshal.GetRawUtf8Value(parameters).Length is var size && size > maxRequestSize
            ? $"the parameters are {size} bytes of JSON, more than max-request-size ({maxRequestSize})"
            : null;

    private static string? ProblemOf(CallOptions? options)
    {
        if (options?.Timeout is { } timeout && (timeout <= TimeSpan.Zero || timeout > LongestTimeout))
            return $"the time-out is {timeout}; it must be above zero and at most {LongestTimeout.TotalDays:0} days";
        if (options is { Server: not null, Group: not null })
            return "the options name both a server and a group; give one of them";
        if (options is { AffinityRequired: true, AffinityKey: null })
            return "affinity is required but no affinity key is given";
        if (options?.MaxTimeout is { } most
            && (most < (options.Timeout ?? TimeSpan.Zero) || most <= TimeSpan.Zero || most > LongestTimeout))
        {
            return $"the longest time-out is {most}; it must be above zero, at least the time-out, "
                + $"and at most {LongestTimeout.TotalDays:0} days";
        }
        if (SettingsValidator.ProblemOf(options?.Hedge) is { } problem)
            return $"the hedge is wrong: {problem}";
        return null;
    }

    private static JsonElement? Given(JsonElement? element) =>
        element is { ValueKind: not JsonValueKind.Null } given ? given : null;

    private static string? NameIn(JsonElement? parameters, ReadOnlySpan<byte> property) =>
        parameters is { ValueKind: JsonValueKind.Object } json
        && json.TryGetProperty(property, out var name)
        && name.ValueKind == JsonValueKind.String
            ? name.GetString()
            : null;
}
