namespace McpActors.Configuration.Hocon;

/// <summary>Reads a HOCON file with everything it includes into one tree.</summary>
internal static class HoconFile
{
    private const int MaxNestedIncludes = 50;
    private const int MaxIncludes = 1000;

    private static readonly string[] Blocks = ["pool", "host", "cluster"];

    /// <summary>The file's tree with its substitutions resolved; null when its structure could not be made out.</summary>
    /// <param name="path">The file.</param>
    /// <param name="problems">Where problems go.</param>
    /// <param name="files">Receives the names of all files that are part of it; null: not needed.</param>
    public static ObjectNode? Read(string path, List<SettingsProblem> problems, ISet<string>? files = null)
    {
        var root = new ObjectNode(new Place(Path.GetFileName(path), 1));
        var reading = new Reading(Path.GetDirectoryName(Path.GetFullPath(path))!, problems, files);
        return ReadInto(Path.GetFullPath(path), root, "", [], null, [], reading) && new HoconSubstitutions(root, problems).ResolveAll()
            ? root
            : null;
    }

    /// <summary>
    /// The block <c>mcp-actors</c> of a file, empty when there is none. A block whose name is nearly that one is reported.
    /// </summary>
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

    private static bool ReadInto(
        string file, ObjectNode target, string path, IReadOnlyList<string> keys, Place? includedAt, string[] open, Reading reading)
    {
        if (open.Contains(file) || open.Length == MaxNestedIncludes)
        {
            reading.Problems.Add(new(includedAt!.ToString(), open.Contains(file)
                ? $"includes {Path.GetFileName(file)}, which is being read already; break the circle"
                : $"is the {MaxNestedIncludes}th file that includes another; includes may not be nested deeper"));
            return false;
        }
        reading.Files?.Add(file);
        if (ReadText(file, includedAt, reading.Problems) is not { } content)
            return false;

        var complete = true;
        var text = new HoconText(content, Path.GetRelativePath(reading.Folder, file), reading.Problems);
        new HoconParser(text, reading.Problems, keys, (name, block, at, below, place) =>
        {
            // Merged as a whole, so that a file may override what it includes without a report of repetition.
            var included = new ObjectNode(place);
            complete &= FindIncluded(file, name, place, reading) is { } other
                && ReadInto(other, included, at, below, place, [.. open, file], reading);
            HoconTree.Merge(block, included, at, null);
        }).ReadInto(target, path);
        return complete && !text.Unreadable;
    }

    // The file that an include names; null when it may not be read. Files that include others twice would be read again and again.
    private static string? FindIncluded(string file, string name, Place place, Reading reading)
    {
        if (++reading.Includes > MaxIncludes)
        {
            if (reading.Includes == MaxIncludes + 1)
            {
                reading.Problems.Add(new(place.ToString(),
                    $"leads to more than {MaxIncludes} includes in one reading; include each file once"));
            }
            return null;
        }
        try
        {
            return Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, name));
        }
        catch (ArgumentException)
        {
            reading.Problems.Add(new(place.ToString(), "the text after `include` is not the name of a file: it has a NUL character"));
            return null;
        }
    }

    private static string? ReadText(string file, Place? includedAt, List<SettingsProblem> problems)
    {
        try
        {
            var text = ConfigurationText.Read(file, mustBeRegular: includedAt is not null, out var refusal);
            if (text is null)
                problems.Add(Problem(refusal));
            return text;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            var reason = e is FileNotFoundException or DirectoryNotFoundException ? "there is no such file"
                : Directory.Exists(file) ? "it is a directory, not a file"
                : $"the file cannot be read: {e.Message}";
            problems.Add(Problem(reason));
            return null;
        }

        SettingsProblem Problem(string reason) =>
            includedAt is null ? new(file, reason) : new(includedAt.ToString(), $"includes {file}, but {reason}");
    }

    private sealed record Reading(string Folder, List<SettingsProblem> Problems, ISet<string>? Files)
    {
        public int Includes { get; set; }
    }
}
