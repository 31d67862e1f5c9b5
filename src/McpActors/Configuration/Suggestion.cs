namespace McpActors.Configuration;

/// <summary>Finds the known word that was probably meant.</summary>
internal static class Suggestion
{
    // Names that other programs, or other parts of this one, have for a key.
    private static readonly Dictionary<string, string> Synonyms = new()
    {
        ["strategy"] = "load-balancing",
        ["working-directory"] = "cwd",
        ["arguments"] = "args",
        ["environment"] = "env",
    };

    /// <summary>"; did you mean `x`?" with the nearest of the known words, or nothing when none is near.</summary>
    public static string For(string word, IReadOnlyCollection<string> known)
    {
        if (Synonyms.FirstOrDefault(pair => Spelling.Same(pair.Key, word)).Value is { } synonym
            && known.FirstOrDefault(k => Spelling.Same(k, synonym)) is { } same)
        {
            return $"; did you mean `{same}`?";
        }
        var nearest = known.MinBy(k => Distance(word, k));
        return nearest is not null && Distance(word, nearest) <= Math.Max(1, Math.Min(word.Length, nearest.Length) / 3)
            ? $"; did you mean `{nearest}`?"
            : "";
    }

    /// <summary>As <see cref="For"/>, but ends the sentence also when no word is near.</summary>
    public static string End(string word, IReadOnlyCollection<string> known) => For(word, known) is { Length: > 0 } meant ? meant : ".";

    // Edits (insert, delete, replace, swap of neighbours) from one word to the other, whatever the case and the separators.
    private static int Distance(string from, string to)
    {
        var a = Plain(from);
        var b = Plain(to);
        var cost = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
            cost[i, 0] = i;
        for (var j = 0; j <= b.Length; j++)
            cost[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var replaced = cost[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                cost[i, j] = Math.Min(replaced, Math.Min(cost[i - 1, j], cost[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    cost[i, j] = Math.Min(cost[i, j], cost[i - 2, j - 2] + 1);
            }
        }
        return cost[a.Length, b.Length];
    }

    private static string Plain(string word) => string.Concat(word.Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();
}
