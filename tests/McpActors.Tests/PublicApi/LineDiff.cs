namespace McpActors.Tests.PublicApi;

/// <summary>The differences between two texts, line by line.</summary>
internal static class LineDiff
{
    /// <summary>The removed (<c>-</c>) and added (<c>+</c>) lines in order, each group under its containing type (<c>@@</c>).</summary>
    public static IReadOnlyList<string> Of(string before, string after)
    {
        var (old, current) = (before.Split('\n'), after.Split('\n'));
        var common = CommonLines(old, current);
        var changes = new List<string>();
        var (i, j, type, shown) = (0, 0, "", "");
        while (i < old.Length || j < current.Length)
        {
            if (i < old.Length && j < current.Length && old[i] == current[j])
            {
                type = TypeOf(old[i], type);
                (i, j) = (i + 1, j + 1);
                continue;
            }

            if (type != shown)
                changes.Add($"@@ {shown = type}");
            var isGone = j == current.Length || (i < old.Length && common[i + 1, j] >= common[i, j + 1]);
            changes.Add(isGone ? $"- {old[i++].Trim()}" : $"+ {current[j++].Trim()}");
        }

        return changes;
    }

    /// <summary>The number of common lines from each pair of positions to the ends.</summary>
    private static int[,] CommonLines(string[] old, string[] current)
    {
        var common = new int[old.Length + 1, current.Length + 1];
        for (var i = old.Length - 1; i >= 0; i--)
        {
            for (var j = current.Length - 1; j >= 0; j--)
                common[i, j] = old[i] == current[j] ? common[i + 1, j + 1] + 1 : Math.Max(common[i + 1, j], common[i, j + 1]);
        }

        return common;
    }

    private static string TypeOf(string line, string otherwise) =>
        line.StartsWith("    public ", StringComparison.Ordinal) && !line.StartsWith("     ", StringComparison.Ordinal)
            ? line.Trim()
            : otherwise;
}
