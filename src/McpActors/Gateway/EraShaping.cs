using System.Text.Json;
using System.Text.Json.Nodes;
using ModelContextProtocol.Protocol;

namespace McpActors.Gateway;

/// <summary>The two eras of the protocol, which differ in what surrounds a result.</summary>
internal enum Era
{
    /// <summary>2024-11-05 to 2025-11-25: <c>initialize</c> and sessions.</summary>
    Legacy,

    /// <summary>From 2026-07-28: stateless requests.</summary>
    Modern,
}

/// <summary>
/// Gives the parameters and results that cross the gateway the form of the era of their receiver, and leaves all else in them as it is:
/// <c>resultType</c>, <c>ttlMs</c>, <c>cacheScope</c>, the keys of the protocol in <c>_meta</c>, and error codes. Pure.
/// </summary>
internal static class EraShaping
{
    /// <summary>The revision with which the modern era begins.</summary>
    public const string FirstModern = "2026-07-28";

    /// <summary>The type of a result that asks the client for input.</summary>
    private const string InputRequired = "input_required";

    private const string ResultType = "resultType";
    private const string TtlMs = "ttlMs";
    private const string CacheScope = "cacheScope";

    // What the two ends of one connection say to each other. Other keys with the protocol's prefix, such as those of tasks, are relayed.
    private static readonly string[] KeysOfConnection =
    [
        MetaKeys.ProtocolVersion, MetaKeys.ClientInfo, MetaKeys.ClientCapabilities, MetaKeys.LogLevel, MetaKeys.ServerInfo,
        MetaKeys.SubscriptionId,
    ];

    private const int ResourceNotFound = -32002;
    private const int InvalidParams = -32602;

    /// <summary>The era of a revision; revisions are dates, which order as text.</summary>
    public static Era EraOf(string? revision) =>
        string.CompareOrdinal(revision ?? "", FirstModern) >= 0 ? Era.Modern : Era.Legacy;

    /// <summary>Whether a result asks the client for input. Clients of the legacy era do not understand it.</summary>
    public static bool AsksForInput(JsonObject result) =>
        result[ResultType] is JsonValue type && type.TryGetValue<string>(out var text) && text == InputRequired;

    /// <inheritdoc cref="AsksForInput(JsonObject)"/>
    public static bool AsksForInput(JsonElement result) =>
        result.TryGetProperty(ResultType, out var type) && type.ValueKind == JsonValueKind.String && type.ValueEquals(InputRequired);

    /// <summary>Gives a result of a server, or of the gateway's own, the form of the client's era.</summary>
    public static void Shape(JsonObject result, string method, Era era)
    {
        DropKeysOfConnection(result);
        if (era == Era.Legacy)
        {
            result.Remove(ResultType);
            result.Remove(TtlMs);
            result.Remove(CacheScope);
            return;
        }
        if (result[ResultType] is null)
            result[ResultType] = "complete";
        if (!IsCacheable(method) || AsksForInput(result))
            return;
        if (result[TtlMs] is null)
            result[TtlMs] = 0;
        if (result[CacheScope] is null)
            result[CacheScope] = "private";
    }

    /// <summary>
    /// Removes from the parameters of a client what belongs to its own connection: the keys of the protocol and the progress token. Its
    /// capabilities stay: they decide what a server may ask of it.
    /// </summary>
    public static void Unwrap(JsonObject parameters)
    {
        var capabilities = (parameters["_meta"] as JsonObject)?[MetaKeys.ClientCapabilities]?.DeepClone();
        if (parameters["_meta"] is JsonObject meta)
            meta.Remove("progressToken");
        DropKeysOfConnection(parameters);
        if (capabilities is not null)
            Declare(parameters, capabilities);
    }

    /// <summary>Names in the parameters of a call what a server may ask of the client.</summary>
    public static void Declare(JsonObject parameters, JsonNode capabilities)
    {
        if (parameters["_meta"] is not JsonObject meta)
            parameters["_meta"] = meta = [];
        meta[MetaKeys.ClientCapabilities] = capabilities;
    }

    /// <summary>The error code that the client's era has for a code of a server.</summary>
    public static int CodeFor(int code, Era era) => (code, era) switch
    {
        (ResourceNotFound, Era.Modern) => InvalidParams,
        _ => code,
    };

    /// <summary>The error code of a resource that nobody has.</summary>
    public static int NoResource(Era era) => era == Era.Modern ? InvalidParams : ResourceNotFound;

    private static bool IsCacheable(string method) => method is RequestMethods.ToolsList or RequestMethods.PromptsList
        or RequestMethods.ResourcesList or RequestMethods.ResourcesTemplatesList or RequestMethods.ResourcesRead;

    private static void DropKeysOfConnection(JsonObject holder)
    {
        if (holder["_meta"] is not JsonObject meta)
            return;
        foreach (var key in KeysOfConnection)
            meta.Remove(key);
        if (meta.Count == 0)
            holder.Remove("_meta");
    }
}
