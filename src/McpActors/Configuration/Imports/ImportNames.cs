using System.Security.Cryptography;
using System.Text;

namespace McpActors.Configuration.Imports;

/// <summary>
/// The names that imported servers have in the pool. A file may name them freely; a name that the pool cannot use is made usable. The
/// result depends on the names alone, not on their order, so that it stays the same when a file is sorted. Pure.
/// </summary>
internal static class ImportNames
{
    private const int LongestPart = 100;
    private const int ShortHash = 6;

    /// <summary>The name in the pool for each name in the files.</summary>
    /// <param name="names">The names in the files.</param>
    /// <param name="taken">Names that other servers of the pool have.</param>
    public static Dictionary<string, string> Assign(IReadOnlyCollection<string> names, IEnumerable<string> taken)
    {
        string[] distinct = [.. names.Distinct(StringComparer.Ordinal)];
        var assigned = distinct.Where(IsUsable).ToDictionary(name => name, name => name, StringComparer.Ordinal);
        var used = assigned.Values.Concat(taken).ToHashSet(StringComparer.Ordinal);
        string[] renamed = [.. distinct.Where(name => !IsUsable(name)).Order(StringComparer.Ordinal)];
        foreach (var same in renamed.GroupBy(Usable, StringComparer.Ordinal))
        {
            var isAlone = same.Count() == 1 && !used.Contains(same.Key);
            foreach (var name in same)
                assigned[name] = isAlone ? same.Key : WithHash(same.Key, name, used);
        }
        return assigned;
    }

    /// <summary>Whether the pool can use the name as it is.</summary>
    public static bool IsUsable(string name) => ServerRules.NameProblem(name) is null;

    /// <summary>A usable name that is like this one.</summary>
    public static string Usable(string name)
    {
        if (IsUsable(name))
            return name;
        var text = new StringBuilder();
        foreach (var c in name)
        {
            if (char.IsAsciiLetterOrDigit(c) || c is '_' or '.')
                text.Append(c);
            else if (text.Length > 0 && text[^1] != '-')
                text.Append('-');
        }
        var plain = text.ToString().Trim('-', '.');
        // What is lost must not make two names the same: "größe" and "grüße", a name in another script, a very long one.
        var isWhole = plain.Length <= LongestPart && !name.Any(c => char.IsLetterOrDigit(c) && !char.IsAscii(c)) && IsUsable(plain);
        if (isWhole)
            return plain;
        var start = plain[..Math.Min(plain.Length, LongestPart)].Trim('-', '.');
        return $"{(start.Length == 0 ? "server" : start)}-{Hash(name)[..ShortHash]}";
    }

    private static string WithHash(string usable, string name, HashSet<string> used)
    {
        var hash = Hash(name);
        for (var length = ShortHash; ; length++)
        {
            var candidate = $"{usable[..Math.Min(usable.Length, LongestPart)]}-{hash[..Math.Min(length, hash.Length)]}";
            if (used.Add(candidate) || length > hash.Length)
                return candidate;
        }
    }

    private static string Hash(string name) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..24];
}
