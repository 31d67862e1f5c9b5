using Xunit;

namespace McpActors.Tests.PublicApi;

public class LineDiffTests
{
    [Fact]
    public void Is_empty_for_equal_texts() => Assert.Empty(LineDiff.Of("a\nb", "a\nb"));

    [Fact]
    public void Shows_removed_and_added_lines_under_their_type() =>
        Assert.Equal(
            ["@@ public class A", "- int X", "+ long X", "@@ public class B", "+ int Y"],
            LineDiff.Of(
                "    public class A\n    {\n int X\n    }\n    public class B",
                "    public class A\n    {\n long X\n    }\n    public class B\n int Y"));
}
