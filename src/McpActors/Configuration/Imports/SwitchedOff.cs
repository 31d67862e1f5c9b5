using System.Text.Json;

namespace McpActors.Configuration.Imports;

/// <summary>
/// Decides whether an entry of an <c>mcp.json</c> is switched off. The clients have many words for it, in both polarities, and write them
/// as switches, numbers and texts. Any of them is enough: a program that somebody has switched off must not start here. Pure.
/// </summary>
internal static class SwitchedOff
{
    private static readonly string[] Off =
    [
        "disabled", "disable", "isdisabled", "off", "isoff", "inactive", "isinactive", "paused", "ispaused", "suspended", "deactivated",
        "skip", "skipped", "ignore", "ignored",
    ];

    private static readonly string[] On =
    [
        "enabled", "enable", "isenabled", "active", "isactive", "activated", "on", "ison", "autostart", "autoconnect", "startup",
    ];

    private static readonly string[] State = ["status", "state"];
    private static readonly string[] No = ["false", "no", "off", "0", "n", "f", "none", "never"];
    private static readonly string[] NotRunning = ["disabled", "disable", "inactive", "stopped", "paused", "suspended", "deactivated"];

    /// <summary>The folded keys that this decision is made by.</summary>
    public static IEnumerable<string> Keys => [.. Off, .. On, .. State];

    /// <summary>Whether the entry is switched off.</summary>
    public static bool IsSwitchedOff(JsonElement entry) => entry.ValueKind switch
    {
        JsonValueKind.False or JsonValueKind.Null => true,
        JsonValueKind.Object => entry.EnumerateObject().Any(IsSwitchedOff) || ClientBlocks.In(entry).Any(IsSwitchedOff),
        _ => false,
    };

    private static bool IsSwitchedOff(JsonProperty property)
    {
        var key = FoldedKey.Of(property.Name);
        var value = property.Value;
        return Off.Contains(key) ? IsYes(value)
            : On.Contains(key) ? IsNo(value, [.. No, .. NotRunning])
            : State.Contains(key) && value.ValueKind == JsonValueKind.String && IsNo(value, ["off", .. NotRunning]);
    }

    private static bool IsYes(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.Number => !IsZero(value),
        JsonValueKind.String => WordOf(value) is { Length: > 0 } word && !No.Contains(word),
        _ => false,
    };

    private static bool IsNo(JsonElement value, string[] words) => value.ValueKind switch
    {
        JsonValueKind.False => true,
        JsonValueKind.Number => IsZero(value),
        JsonValueKind.String => words.Contains(WordOf(value)),
        _ => false,
    };

    private static bool IsZero(JsonElement value) => value.TryGetDouble(out var number) && number == 0;

    private static string WordOf(JsonElement value) => value.GetString()!.Trim().ToLowerInvariant();
}
