using System.Text.Json;
using McpActors.Configuration;
using McpActors.Connections;
using ModelContextProtocol.Protocol;

namespace McpActors.Routing;

/// <summary>
/// Checks a call where it enters: a request that passes can be written to every transport, and what the pool keeps of it is bounded. Pure.
/// </summary>
internal static class CallCheck
{
    /// <summary>The longest method, and the longest name of a tool or prompt, in characters.</summary>
    public const int LongestName = 512;

    /// <summary>The longest URI of a resource, in characters.</summary>
    public const int LongestUri = 8192;

    /// <summary>The longest affinity key, and the longest id of a call, in characters.</summary>
    public const int LongestKey = 256;

    /// <summary>The longest time-out that a timer of the runtime supports.</summary>
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromDays(24);

    /// <summary>The call with its parameters checked, for the caller's thread: the actors look into them no more.</summary>
    /// <exception cref="ObjectDisposedException">The document of the parameters was disposed.</exception>
    public static PoolCall Marked(PoolCall call)
    {
        if (call.IsChecked || call.Parameters is null)
            return call;
        var check = call.Parameters is { ValueKind: JsonValueKind.Object } json
            ? new ParametersCheck(JsonText.SizeOf(json), WritableJson.ProblemOf(json))
            : default;
        return call with { Check = check };
    }

    /// <summary>The problem of the parameters, before anything in them is read; null when they are fine.</summary>
    public static string? ParametersProblemOf(PoolCall call, long maxRequestSize)
    {
        if (call.Parameters is not { } given)
            return null;
        try
        {
            return ParametersProblemOf(given, call.Check, maxRequestSize);
        }
        catch (ObjectDisposedException)
        {
            return PoolCall.DisposedParameters;
        }
    }

    private static string? ParametersProblemOf(JsonElement given, ParametersCheck? found, long maxRequestSize)
    {
        if (given.ValueKind == JsonValueKind.Null)
            return null;
        if (given.ValueKind == JsonValueKind.Undefined)
            return "the parameters are an undefined JsonElement; pass an object, or null for none";
        if (given.ValueKind != JsonValueKind.Object)
            return $"`params` must be an object, but is {WordOf(given.ValueKind)}";
        var size = found?.Size ?? JsonText.SizeOf(given);
        if (size > maxRequestSize)
            return $"the parameters are {size} bytes of JSON, more than max-request-size ({maxRequestSize})";
        var problem = found is { } check ? check.Problem : WritableJson.ProblemOf(given);
        return problem is null ? null : $"the parameters {problem}";
    }

    /// <summary>The problem of a request whose parameters are fine; null when there is none.</summary>
    public static string? ProblemOf(CallRequest request)
    {
        if (request.Method.Length == 0)
            return "the call names no method: give an MCP method such as tools/call, or the name of a tool";
        if (BelongsToConnection(request.Method))
            return $"{CallWords.Cut(request.Method)} belongs to the connection, which the pool manages; it cannot be sent as a call";
        if (ProblemOf("method", request.Method, LongestName) is { } method)
            return method;
        var isResource = request.Method == RequestMethods.ResourcesRead;
        if (string.IsNullOrEmpty(request.Name) && Offer.IsNeededBy(request.Method))
            return $"{request.Method} needs {(isResource ? "a uri" : "a name")}";
        return ProblemOf(isResource ? "uri" : "name", request.Name, isResource ? LongestUri : LongestName)
            ?? ProblemOf("name in ref", request.Completes?.Name, LongestUri)
            ?? (request is { Wrap: false, Params: { } parameters } ? ShapeProblemOf(parameters) : null);
    }

    // Servers answer to these with an internal error, which would count against them.
    private static string? ShapeProblemOf(JsonElement parameters)
    {
        if (parameters.TryGetProperty("_meta"u8, out var meta) && meta.ValueKind != JsonValueKind.Object)
            return $"`_meta` must be an object, but is {WordOf(meta.ValueKind)}";
        return parameters.TryGetProperty("arguments"u8, out var arguments)
            && arguments.ValueKind is not (JsonValueKind.Object or JsonValueKind.Null)
                ? $"`arguments` must be an object, but is {WordOf(arguments.ValueKind)}"
                : null;
    }

    private static string WordOf(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Null => "null",
        _ => "undefined",
    };

    /// <summary>The problem of the options; null when there is none.</summary>
    public static string? ProblemOf(CallOptions? options)
    {
        if (options is null)
            return null;
        if (ProblemOf("affinity key", options.AffinityKey, LongestKey) is { } key)
            return key;
        if (ProblemOf("call id", options.CallId, LongestKey) is { } id)
            return id;
        if (options.Timeout is { } timeout && (timeout <= TimeSpan.Zero || timeout > LongestTimeout))
            return $"the time-out is {timeout}; it must be above zero and at most {LongestTimeout.TotalDays:0} days";
        if (!Enum.IsDefined(options.Mode))
            return $"there is no mode {options.Mode:D}; give {nameof(CallMode.Balanced)} or {nameof(CallMode.Failover)}";
        if (options is { Server: not null, Group: not null })
            return "the options name both a server and a group; give one of them";
        if (options is { AffinityRequired: true, AffinityKey: null })
            return "affinity is required but no affinity key is given";
        if (options.MaxTimeout is { } most
            && (most < (options.Timeout ?? TimeSpan.Zero) || most <= TimeSpan.Zero || most > LongestTimeout))
        {
            return $"the longest time-out is {most}; it must be above zero, at least the time-out, "
                + $"and at most {LongestTimeout.TotalDays:0} days";
        }
        return SettingsValidator.ProblemOf(options.Hedge) is { } problem ? $"the hedge is wrong: {problem}" : null;
    }

    private static string? ProblemOf(string what, string? text, int longest) =>
        text is null ? null
        : text.Length > longest ? $"the {what} has {text.Length} characters; at most {longest} are allowed"
        : Utf16.HasHalfPair(text) ? $"the {what} holds half of a surrogate pair, which is no text"
        : null;

    private static bool BelongsToConnection(string method) =>
        method is RequestMethods.Initialize or "logging/setLevel" || method.StartsWith("notifications/", StringComparison.Ordinal);
}
