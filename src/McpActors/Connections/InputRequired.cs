using System.Text.Json.Nodes;

namespace McpActors.Connections;

/// <summary>
/// From 2026-07-28 on a server that needs input answers a call with a result of type <c>input_required</c>. It is the caller who can give
/// the input; the SDK would ask handlers that the pool does not have, or repeat the call. So such a result crosses the SDK under another
/// name. Pure.
/// </summary>
internal static class InputRequired
{
    private const string Property = "resultType";
    private const string Hidden = "mcp-actors-resultType";
    private const string Complete = "complete";

    /// <summary>Hides from the SDK the type of a result that is not complete.</summary>
    public static void Hide(JsonObject result)
    {
        if (!result.TryGetPropertyValue(Property, out var type))
            return;
        if (type is not JsonValue value || !value.TryGetValue<string>(out var text) || text != Complete)
            Rename(result, Property, Hidden);
    }

    /// <summary>Shows the type of a result that was hidden.</summary>
    public static void Show(JsonObject result)
    {
        if (result.ContainsKey(Hidden))
            Rename(result, Hidden, Property);
    }

    private static void Rename(JsonObject result, string from, string to)
    {
        var (index, type) = (result.IndexOf(from), result[from]);
        result.RemoveAt(index);
        if (!result.ContainsKey(to))
            result.Insert(index, to, type);
    }
}
