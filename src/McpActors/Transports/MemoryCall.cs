using System.Text.Json;
using ModelContextProtocol.Protocol;

namespace McpActors.Transports;

/// <summary>A request that a <see cref="MemoryServer"/> received. Immutable.</summary>
/// <param name="Method">The MCP method, such as <c>tools/call</c>.</param>
/// <param name="Name">The name of the tool or prompt, or the URI of the resource; null for other methods.</param>
/// <param name="Arguments">The arguments of the tool or prompt; for other methods the request's parameters.</param>
public sealed record MemoryCall(string Method, string? Name, IReadOnlyDictionary<string, JsonElement> Arguments)
{
    private static readonly Dictionary<string, JsonElement> None = [];

    /// <summary>An argument; <see cref="JsonValueKind.Undefined"/> if the caller did not send it.</summary>
    public JsonElement this[string argument] => Arguments.GetValueOrDefault(argument);

    /// <summary>Whether the tool, prompt or resource itself records requests of this method.</summary>
    internal static bool IsOfPrimitive(string method) =>
        method is RequestMethods.ToolsCall or RequestMethods.PromptsGet or RequestMethods.ResourcesRead;

    internal static MemoryCall Of(string method, string? name, IDictionary<string, JsonElement>? arguments) =>
        new(method, name, arguments as IReadOnlyDictionary<string, JsonElement> ?? (arguments is null ? None : arguments.ToDictionary()));

    internal static MemoryCall Of(JsonRpcRequest request)
    {
        var parameters = request.Params.Deserialize<Dictionary<string, JsonElement>>();
        if (parameters is null || !IsOfPrimitive(request.Method))
            return new(request.Method, null, parameters ?? None);
        var name = parameters.GetValueOrDefault(request.Method == RequestMethods.ResourcesRead ? "uri" : "name");
        var arguments = parameters.GetValueOrDefault("arguments");
        return new(
            request.Method,
            name.ValueKind == JsonValueKind.String ? name.GetString() : null,
            arguments.ValueKind == JsonValueKind.Object ? arguments.Deserialize<Dictionary<string, JsonElement>>()! : None);
    }
}
