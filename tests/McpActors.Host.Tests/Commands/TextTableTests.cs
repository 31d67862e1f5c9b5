using McpActors.Host.Commands;

namespace McpActors.Host.Tests.Commands;

public class TextTableTests
{
    [Fact]
    public void Columns_are_as_wide_as_they_need_and_no_cell_is_empty() => Assert.Equal(
        """
        NAME   N  TEXT
        files  1  reads
        f      -  \u001b[2J two lines

        """,
        Write(["files", "1", "reads"], ["f", null, "\u001b[2J two\nlines"]),
        ignoreLineEndingDifferences: true);

    [Fact]
    public void A_cell_that_is_too_long_is_cut() =>
        Assert.EndsWith(
            new string('x', TextTable.LongestCell - 1) + "…", Write(["a", "b", new string('x', 5000)]).TrimEnd(), StringComparison.Ordinal);

    private static string Write(params string?[][] rows)
    {
        var table = new TextTable("NAME", "N", "TEXT");
        foreach (var row in rows)
            table.Add(row);
        var text = new StringWriter();
        table.WriteTo(text);
        return text.ToString();
    }
}
