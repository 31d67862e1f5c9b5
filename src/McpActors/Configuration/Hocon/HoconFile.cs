namespace McpActors.Configuration.Hocon;

/// <summary>Reads a HOCON file with everything it includes into one tree.</summary>
internal static class HoconFile
{
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
