using McpActors.Connections;
using Xunit;

namespace McpActors.Tests.Connections;

public sealed class ProgressOrderTests
{
    [Fact]
    public void Reports_that_were_overtaken_or_repeat_the_last_one_are_dropped()
    {
        var order = new ProgressOrder();
        (double Progress, double? Total, string? Message, bool IsNews)[] reports =
        [
            (1, 10, "one", true),
            (3, 10, "three", true),
            (2, 10, "two", false),
            (3, 10, "three", false),
            (3, 10, "still three", true),
            (3, 12, "still three", true),
            (3.5, null, null, true),
            (-1, null, null, false),
        ];

        Assert.All(reports, report => Assert.Equal(report.IsNews, order.Admit(report.Progress, report.Total, report.Message)));
    }

    [Fact]
    public void A_server_that_does_not_count_is_heard()
    {
        var order = new ProgressOrder();

        Assert.Equal([true, true, false, true], ((string[])["a", "b", "b", "a"]).Select(message => order.Admit(0, null, message)));
    }
}
