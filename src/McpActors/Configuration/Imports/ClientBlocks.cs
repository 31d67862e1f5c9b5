using System.Text.Json;

namespace McpActors.Configuration.Imports;

/// <summary>
/// Blocks of an entry that have the name of a client, and in which that client keeps what concerns itself, such as whether it starts the
/// server: <c>"anythingllm": { "autoStart": false }</c>. Pure.
/// </summary>
internal static class ClientBlocks
{
    /// <summary>The folded names.</summary>
    public static readonly HashSet<string> Names =
    [
        "amazonq", "amp", "anythingllm", "boltai", "chatbox", "chatwise", "cherrystudio", "claude", "claudecode", "claudedesktop", "cline",
        "codex", "comate", "continue", "copilot", "cursor", "gemini", "geminicli", "goose", "jan", "jetbrains", "junie", "kilo", "kilocode",
        "kiro", "librechat", "lmstudio", "msty", "opencode", "openwebui", "qodo", "qwen", "raycast", "roo", "roocode", "trae", "vscode",
        "warp", "windsurf", "witsy", "zed",
    ];

    /// <summary>The blocks of an entry.</summary>
    public static IEnumerable<JsonElement> In(JsonElement entry) => entry.EnumerateObject()
        .Where(property => property.Value.ValueKind == JsonValueKind.Object && Names.Contains(FoldedKey.Of(property.Name)))
        .Select(property => property.Value);
}
