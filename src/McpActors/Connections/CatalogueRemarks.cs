using McpActors.Configuration;

namespace McpActors.Connections;

/// <summary>
/// Remarks about the lists of one connection, in sentences for people: lists that could not be read, entries that were left out.
/// Used by one reading at a time.
/// </summary>
internal sealed class CatalogueRemarks
{
    /// <summary>A server decides how long its names and errors are.</summary>
    private const int Longest = 300;

    // By list and kind, so that a list that is read again replaces what was said of it.
    private readonly SortedDictionary<(int List, Kind Kind), string> _remarks = [];

    /// <summary>The kinds, in the order in which they are shown.</summary>
    private enum Kind
    {
        Unread,
        Cut,
        Nameless,
        Undeclared,
        LeftOut,
    }

    /// <summary>All remarks, without the server's secrets.</summary>
    public IReadOnlyList<string> All(CurrentRedactor redactor) =>
        [.. _remarks.Values.Select(remark => ShortText.Of(redactor.Redact(remark), Longest))];

    /// <summary>A list was read.</summary>
    public void Read(CatalogueList list, ListReading reading)
    {
        Set(list, Kind.Unread, null);
        Set(list, Kind.Cut, reading.Cut is { } cut ? $"{list.Method} was not read to its end: {cut}" : null);
        Set(list, Kind.Nameless, reading.Nameless switch
        {
            0 => null,
            1 => $"1 entry of {list.Method} left out: it has no usable {list.Key}",
            var count => $"{count} entries of {list.Method} left out: they have no usable {list.Key}",
        });
    }

    /// <summary>A list could not be read.</summary>
    public void Failed(CatalogueList list, Exception cause, bool isKept) => Set(
        list,
        Kind.Unread,
        $"{list.Method} could not be read{(isKept ? ", the last good list is kept" : "")}: {FailureClassifier.Words(cause)}");

    /// <summary>The server declares a list and does not know its method. Many servers with resources have no templates.</summary>
    public void Unknown(CatalogueList list) => Set(
        list, Kind.Unread, list == CatalogueList.Templates ? null : $"declares {list.Property}, but does not know {list.Method}");

    /// <summary>The server does not declare a list.</summary>
    public void Undeclared(CatalogueList list, int count) => Set(
        list, Kind.Undeclared, count == 0 ? $"declares no {list.Property}" : $"declares no {list.Property}, but lists {count}");

    /// <summary>Entries with a name were left out; <paramref name="names"/> may be empty.</summary>
    public void LeftOut(CatalogueList list, IReadOnlyList<string> names, string why) => Set(list, Kind.LeftOut, names.Count switch
    {
        0 => null,
        1 => $"{names[0]} of {list.Method} left out: {why}",
        var count => $"{count} entries of {list.Method} left out, the first is {names[0]}: {why}",
    });

    private void Set(CatalogueList list, Kind kind, string? remark)
    {
        var key = (CatalogueList.All.ToList().IndexOf(list), kind);
        if (remark is null)
            _remarks.Remove(key);
        else
            _remarks[key] = remark;
    }
}
