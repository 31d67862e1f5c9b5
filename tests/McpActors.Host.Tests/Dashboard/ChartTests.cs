using McpActors.Host.Dashboard.Parts.Charts;

namespace McpActors.Host.Tests.Dashboard;

public class ChartTests
{
    [Theory]
    [InlineData(0, 1, 1, 0.25)]
    [InlineData(3.2, 1, 4, 1)]
    [InlineData(17, 1, 20, 5)]
    [InlineData(1234, 1, 1500, 500)]
    [InlineData(double.NaN, 4, 4, 1)]
    public void Scales_end_at_round_numbers(double largest, double atLeast, double top, double step) =>
        Assert.Equal(new ChartScale(top, step), ChartScale.For(largest, atLeast));

    [Fact]
    public void A_gap_in_the_values_is_a_gap_in_the_line() =>
        Assert.Equal("M0,10L10,5M30,0", SvgPath.Line([0, 5, double.NaN, 10], 30, 10));
}
