namespace McpActors.Configuration.Hocon;

/// <summary>Reads a HOCON file with everything it includes into one tree.</summary>
internal static class HoconFile
{
    private static readonly string[] Blocks = ["pool", "host", "cluster"];

    /// <summary>The file's tree with its substitutions resolved; null when its structure could not be made out.</summary>
    /// <param name="path">The file.</param>
    /// <param name="problems">Where problems go.</param>
    /// <param name="files">Where the names of all files that have a part in it go; null: nowhere.</param>
    public static ObjectNode? Read(string path, List<SettingsProblem> problems, ISet<string>? files = null)
    {
        var root = new ObjectNode(new Place(Path.GetFileName(path), 1));
        if (!ReadInto(Path.GetFullPath(path), root, "", null, [], problems, files))
            return null;
        new HoconSubstitutions(root, problems).ResolveAll();
        return root;
    }

    /// <summary>The block <c>mcp-actors</c> of a file, empty when there is none. A block whose name is nearly that one is reported.</summary>
    public static ObjectNode Top(ObjectNode root, Findings findings)
    {
        foreach (var (key, node) in root.Items)
        {
            var ours = key != KeyPath.Top && node is ObjectNode block && Blocks.Any(block.Items.ContainsKey);
            if (ours && Suggestion.For(key, [KeyPath.Top]) is { Length: > 0 } meant)
                findings.Add(KeyPath.Of("", key), "is not a known block" + meant, node.Place);
        }
        return Block(root.Items.GetValueOrDefault(KeyPath.Top), findings);
    }

    /// <summary>The value of <c>mcp-actors</c> as a block, empty when there is none.</summary>
    public static ObjectNode Block(ConfigNode? top, Findings findings)
    {
        if (top is not (null or NullNode or ObjectNode or BrokenNode))
            findings.Add(KeyPath.Top, "must be a block, { … }", top.Place);
        return top as ObjectNode ?? new ObjectNode(null);
    }

    private static bool ReadInto(string file, ObjectNode target, string path, Place? includedAt, string[] open, List<SettingsProblem> problems, ISet<string>? files)
    {
        if (open.Contains(file))
        {
            problems.Add(new(includedAt!.ToString(), $"includes {Path.GetFileName(file)}, which is being read already; break the circle"));
            return false;
        }
        files?.Add(Path.GetFullPath(file));
        if (ReadText(file, includedAt, problems) is not { } text)
            return false;

        var complete = true;
        var parser = new HoconParser(text, Path.GetFileName(file), problems, (name, block, at, place) =>
        {
            // Merged as a whole, so that a file may override what it includes without being told that it repeats itself.
            var included = new ObjectNode(place);
            complete &= ReadInto(Path.Combine(Path.GetDirectoryName(file)!, name), included, at, place, [.. open, file], problems, files);
            HoconTree.Merge(block, included, at, null);
        });
        parser.ReadInto(target, path);
        return complete && !parser.Unreadable;
    }

    private static string? ReadText(string file, Place? includedAt, List<SettingsProblem> problems)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            var reason = e is FileNotFoundException or DirectoryNotFoundException ? "there is no such file"
                : Directory.Exists(file) ? "it is a directory, not a file"
                : $"the file cannot be read: {e.Message}";
            problems.Add(includedAt is null ? new(file, reason) : new(includedAt.ToString(), $"includes {file}, but {reason}"));
            return null;
        }
    }
}
