namespace McpActors.Configuration.Imports;

/// <summary>The folder that a client's file belongs to, and the values that clients define for it.</summary>
internal static class Workspace
{
    private static readonly string[] ClientFolders =
    [
        ".vscode", ".cursor", ".roo", ".kilocode", ".gemini", ".claude", ".zed", ".continue", ".amazonq", ".github", ".codex", ".windsurf",
        ".opencode", ".qwen", ".trae", ".comate",
    ];

    /// <summary>The folder: <c>.vscode/mcp.json</c> and <c>.cursor/mcp.json</c> belong to the folder around them.</summary>
    public static string FolderOf(string file)
    {
        var folder = Path.GetDirectoryName(file)!;
        return ClientFolders.Contains(Path.GetFileName(folder)) ? Path.GetDirectoryName(folder)! : folder;
    }

    /// <summary>The values of the placeholders that clients define, and of the file's inputs.</summary>
    public static Dictionary<string, string> ValuesOf(ImportedEntry entry)
    {
        var folder = FolderOf(entry.File);
        var values = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["workspaceFolder"] = folder,
            ["workspaceRoot"] = folder,
            ["workspaceFolderBasename"] = Path.GetFileName(folder),
            ["cwd"] = folder,
            ["__dirname"] = Path.GetDirectoryName(entry.File)!,
            ["pathSeparator"] = $"{Path.DirectorySeparatorChar}",
            ["/"] = $"{Path.DirectorySeparatorChar}",
        };
        if (HomeFolder.Path is { } home)
            values["userHome"] = home;
        foreach (var (id, text) in entry.Inputs)
            values[$"input:{id}"] = text;
        return values;
    }
}
