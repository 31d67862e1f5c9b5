using System.Text;

namespace McpActors.Gateway;

/// <summary>
/// One page of a list in the order of names. A cursor holds the last name of its page, so it survives every change of the list: the next
/// page begins behind that name, whether it is still there or not. Pure.
/// </summary>
/// <param name="Entries">The entries.</param>
/// <param name="NextCursor">The cursor of the next page; null at the end of the list.</param>
internal sealed record Page(IReadOnlyList<GatewayEntry> Entries, string? NextCursor)
{
    /// <summary>The page after a cursor.</summary>
    /// <param name="list">The list.</param>
    /// <param name="cursor">The cursor as the client sent it; null for the first page.</param>
    /// <param name="size">The most entries.</param>
    /// <returns>Null: the cursor is none of the gateway's.</returns>
    public static Page? Of(EntryList list, string? cursor, int size)
    {
        var first = 0;
        if (cursor is not null)
        {
            if (NameIn(cursor) is not { } last)
                return null;
            first = IndexAfter(list.Entries, last);
        }
        var entries = list.Entries.Skip(first).Take(size).ToArray();
        return new Page(entries, first + entries.Length < list.Entries.Count ? CursorAfter(entries[^1].Name) : null);
    }

    private static string CursorAfter(string name) => Convert.ToBase64String(Encoding.UTF8.GetBytes(name));

    private static string? NameIn(string cursor)
    {
        try
        {
            return Encoding.UTF8.GetString(Convert.FromBase64String(cursor));
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static int IndexAfter(IReadOnlyList<GatewayEntry> entries, string name)
    {
        var (low, high) = (0, entries.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (string.CompareOrdinal(entries[middle].Name, name) <= 0)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }
}
