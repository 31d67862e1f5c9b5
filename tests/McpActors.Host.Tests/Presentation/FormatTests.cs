using McpActors.Host.Presentation;

namespace McpActors.Host.Tests.Presentation;

public class FormatTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddDays(20_000);

    [Theory]
    [InlineData(0.123, "0.12 ms")]
    [InlineData(1.0, "1.0 ms")]
    [InlineData(9.96, "10 ms")]
    [InlineData(999.6, "1.0 s")]
    [InlineData(30_000.0, "30 s")]
    [InlineData(90_000.0, "1 min")]
    [InlineData(null, "–")]
    public void Latencies(double? milliseconds, string text) =>
        Assert.Equal(text, Format.Latency(milliseconds is { } given ? TimeSpan.FromMilliseconds(given) : null));

    [Theory]
    [InlineData(0, "0")]
    [InlineData(0.04, "<0.1")]
    [InlineData(4.26, "4.3")]
    [InlineData(9.96, "10")]
    [InlineData(12_345.6, "12,346")]
    public void Rates(double perSecond, string text) => Assert.Equal(text, Format.Rate(perSecond));

    [Theory]
    [InlineData(null, "–")]
    [InlineData(0.0, "0 %")]
    [InlineData(0.0004, "<0.1 %")]
    [InlineData(0.042, "4.2 %")]
    [InlineData(1.0, "100 %")]
    public void Shares(double? share, string text) => Assert.Equal(text, Format.Percent(share));

    [Theory]
    [InlineData(0.4, "now")]
    [InlineData(12.9, "12 s ago")]
    [InlineData(119, "1 min ago")]
    [InlineData(7200, "2 h ago")]
    [InlineData(200_000, "2024-10-01 16:26 UTC")]
    public void Times_past(double seconds, string text) => Assert.Equal(text, Format.Ago(Now.AddSeconds(-seconds), Now));

    [Theory]
    [InlineData(-3, "now")]
    [InlineData(3.2, "in 4 s")]
    [InlineData(61, "in 1 min")]
    public void Times_to_come(double seconds, string text) => Assert.Equal(text, Format.Until(Now.AddSeconds(seconds), Now));
}
