using System.Globalization;

namespace McpActors.Transports;

/// <summary>What Linux says of a process.</summary>
/// <param name="Id">Its id, which another process can have later.</param>
/// <param name="Session">The id of its session.</param>
/// <param name="Started">When it started, in ticks since the boot; with the id it is unique.</param>
internal readonly record struct ProcessStat(int Id, int Session, ulong Started)
{
    /// <summary>The process; null if there is none, or it has ended and only waits for its parent to notice.</summary>
    public static ProcessStat? Of(int id)
    {
        try
        {
            // The fields follow the name, which is in parentheses and may contain any character.
            var text = File.ReadAllText($"/proc/{id}/stat");
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X"
                ? null
                : new ProcessStat(
                    id, int.Parse(fields[3], CultureInfo.InvariantCulture), ulong.Parse(fields[19], CultureInfo.InvariantCulture));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The ids of all processes of this machine.</summary>
    public static IEnumerable<int> AllIds() => Directory.EnumerateDirectories("/proc")
        .Select(Path.GetFileName)
        .Select(name => int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0)
        .Where(id => id > 0);

    /// <summary>The ids of the children of a process, without a search of all processes.</summary>
    public static IReadOnlyList<int> ChildrenOf(int id)
    {
        try
        {
            return
            [
                .. Directory.EnumerateDirectories($"/proc/{id}/task")
                    .Select(thread => File.ReadAllText(Path.Combine(thread, "children")))
                    .SelectMany(children => children.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                    .Select(child => int.Parse(child, CultureInfo.InvariantCulture)),
            ];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The process or one of its threads has ended.
            return [];
        }
    }
}
