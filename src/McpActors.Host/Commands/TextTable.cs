namespace McpActors.Host.Commands;

/// <summary>
/// Plain columns of text, the same on a terminal and in a pipe. Cells are made safe for a terminal and cut at <see cref="LongestCell"/>.
/// </summary>
internal sealed class TextTable(params IReadOnlyList<string> headings)
{
    /// <summary>Longer cells are cut; <c>--json</c> has the whole text.</summary>
    public const int LongestCell = 100;

    private readonly List<IReadOnlyList<string>> _rows = [headings];

    /// <summary>Adds a row; an empty cell is written as <c>-</c>, so that columns can be counted.</summary>
    public void Add(params IReadOnlyList<string?> cells) =>
        _rows.Add([.. cells.Select(cell => TerminalText.Line(cell ?? "", LongestCell) is { Length: > 0 } text ? text : "-")]);

    /// <summary>Writes the table.</summary>
    public void WriteTo(TextWriter output)
    {
        var widths = headings.Select((_, column) => _rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in _rows)
            output.WriteLine(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
    }
}
