namespace McpActors.Configuration.Imports;

/// <summary>Formats in which some clients write their files and which the pool does not read.</summary>
internal static class OtherFormats
{
    private const string Shape =
        """{ "mcpServers": { "NAME": { "command": "npx", "args": ["-y", "PACKAGE"], "env": { "KEY": "VALUE" } } } }""";

    /// <summary>What to do with a file that is in such a format by its ending; null: the ending is another one.</summary>
    public static string? AdviceFor(string file) => Path.GetExtension(file).ToLowerInvariant() switch
    {
        ".toml" => Advice(file, "TOML", "yq -p toml -o json"),
        ".yaml" or ".yml" => Advice(file, "YAML", "yq -o json"),
        ".json5" => Advice(file, "JSON5", "npx json5"),
        _ => null,
    };

    private static string Advice(string file, string format, string command) =>
        $"{file} is {format}, and the pool reads the files of clients as JSON. Convert it, with `{command} {Path.GetFileName(file)}"
        + $" > servers.json` for example, and use that file; its keys may stay. Or write the servers into it as {Shape},"
        + " with \"url\" in place of \"command\" for a server that is running";
}
