using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using McpActors.Configuration;
using ModelContextProtocol.Protocol;

namespace McpActors.Transports;

/// <summary>A request of the handshake.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Method"><c>initialize</c> or <c>server/discover</c>.</param>
/// <param name="Revision">The revision it asks for; null when it names none.</param>
internal sealed record HandshakeRequest(RequestId Id, string Method, string? Revision)
{
    /// <summary>The request, if it is one of the handshake.</summary>
    public static HandshakeRequest? Of(JsonRpcRequest request) => request.Method switch
    {
        RequestMethods.Initialize =>
            new(request.Id, request.Method, HandshakeRepair.Text((request.Params as JsonObject)?["protocolVersion"])),
        RequestMethods.ServerDiscover => new(request.Id, request.Method, null),
        _ => null,
    };
}

/// <summary>
/// Repairs the result of a handshake where there is only one thing that it can mean: an empty list in place of an empty object, which PHP
/// writes, a missing <c>capabilities</c>, <c>serverInfo</c> or <c>protocolVersion</c>, members of the wrong type, names that come twice,
/// and revisions that the SDK does not know. What is nested deeper than the SDK reads is left out. Pure.
/// </summary>
internal static class HandshakeRepair
{
    // The SDK stops at 64, and the message is a level of its own. Nothing that it knows of a handshake is this deep.
    private const int MostLevels = JsonDepth.MostOfSdk - 4;

    private static readonly string[] Flags = ["listChanged", "subscribe"];

    /// <summary>The result as it is meant; the same where nothing is known to be wrong.</summary>
    /// <param name="request">The request that it answers.</param>
    /// <param name="result">The result; it stays as it is.</param>
    public static JsonNode? Repaired(HandshakeRequest request, JsonNode? result)
    {
        result = RepeatedNames.LastCounts(result);
        Cut(result, MostLevels);
        if (result is not JsonObject members)
        {
            return result is JsonArray { Count: 0 } && request.Method == RequestMethods.Initialize
                ? Repaired(request, new JsonObject())
                : result;
        }
        if (request.Method == RequestMethods.Initialize)
        {
            members["protocolVersion"] = Revision(Text(members["protocolVersion"]), request.Revision);
            RepairServerInfo(members);
        }
        else
        {
            if (members["supportedVersions"] is JsonArray supported)
                members["supportedVersions"] = Known(supported);
            // The pool asks at each connection.
            members.Remove("ttlMs");
        }
        if (members["capabilities"] is not JsonObject)
            members["capabilities"] = new JsonObject();
        RepairCapabilities((JsonObject)members["capabilities"]!);
        DropUnlessText(members, "instructions");
        if (members.ContainsKey("_meta") && members["_meta"] is not JsonObject)
            members.Remove("_meta");
        return members;
    }

    /// <summary>The text that a node is; null for any other node.</summary>
    public static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    /// <summary>
    /// The newest revision known that is not newer than the answered one; the oldest for one that is older than all. What is no revision
    /// stands for the one asked for.
    /// </summary>
    private static string Revision(string? answered, string? asked)
    {
        if (answered is null || !IsDate(answered))
            return asked ?? Revisions.WithInitialize[^1];
        return Revisions.WithInitialize.LastOrDefault(known => string.CompareOrdinal(known, answered) <= 0) ?? Revisions.WithInitialize[0];
    }

    private static JsonArray Known(JsonArray supported)
    {
        var texts = supported.Select(Text).OfType<string>().Where(IsDate);
        var known = texts.Select(text => string.CompareOrdinal(text, Revisions.Newest) >= 0 ? Revisions.Newest : Revision(text, null));
        return new JsonArray([.. known.Distinct().Select(text => (JsonNode)text)]);
    }

    private static bool IsDate(string text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _);

    private static void RepairServerInfo(JsonObject members)
    {
        if (members["serverInfo"] is not JsonObject info)
            members["serverInfo"] = info = [];
        info["name"] = Words(info["name"]);
        info["version"] = Words(info["version"]);
        foreach (var optional in (string[])["title", "description", "websiteUrl"])
            DropUnlessText(info, optional);
        // Their shape changed between revisions, and the pool shows none.
        info.Remove("icons");
    }

    private static void RepairCapabilities(JsonObject capabilities)
    {
        foreach (var (name, value) in capabilities.ToList())
        {
            if (value is JsonArray { Count: 0 } || IsTrue(value))
                capabilities[name] = new JsonObject();
            else if (value is not JsonObject)
                capabilities.Remove(name);
        }
        foreach (var capability in capabilities.Select(member => (JsonObject)member.Value!))
        {
            foreach (var flag in Flags)
            {
                if (capability.ContainsKey(flag) && capability[flag]?.GetValueKind() is not (JsonValueKind.True or JsonValueKind.False))
                    capability.Remove(flag);
            }
        }
    }

    private static void Cut(JsonNode? node, int levels)
    {
        if (node is JsonObject members)
        {
            if (levels == 0)
                members.Clear();
            foreach (var (_, value) in members)
                Cut(value, levels - 1);
        }
        else if (node is JsonArray items)
        {
            if (levels == 0)
                items.Clear();
            foreach (var item in items)
                Cut(item, levels - 1);
        }
    }

    private static void DropUnlessText(JsonObject members, string name)
    {
        if (members.ContainsKey(name) && Text(members[name]) is null)
            members.Remove(name);
    }

    private static bool IsTrue(JsonNode? node) => node?.GetValueKind() == JsonValueKind.True;

    // Some write a version as a number.
    private static string Words(JsonNode? node) => Text(node) ?? (node?.GetValueKind() == JsonValueKind.Number ? node.ToJsonString() : "");
}
