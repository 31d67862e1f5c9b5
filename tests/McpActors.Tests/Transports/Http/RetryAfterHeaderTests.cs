using McpActors.Transports.Http;
using Xunit;

namespace McpActors.Tests.Transports.Http;

public sealed class RetryAfterHeaderTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 29, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("7", 7.0)]
    [InlineData("0", 0.0)]
    [InlineData("1.5", 1.5)]
    [InlineData("300", 300.0)]
    [InlineData("301", 300.0)]
    [InlineData("999999999", 300.0)]
    [InlineData("99999999999999999999999999", 300.0)]
    // 60 s from now, and in the past, since 1970.
    [InlineData("1795953660", 60.0)]
    [InlineData("1795953660.5", 60.5)]
    [InlineData("1795953660000", 60.0)]
    [InlineData("1700000000", 0.0)]
    [InlineData("Sun, 29 Nov 2026 12:01:00 GMT", 60.0)]
    [InlineData("Sunday, 29-Nov-26 12:01:00 GMT", 60.0)]
    [InlineData("Sun Nov 29 12:01:00 2026", 60.0)]
    [InlineData("2026-11-29T12:01:00Z", 60.0)]
    [InlineData("2026-11-29T13:01:00.500+01:00", 60.5)]
    [InlineData("Sun, 29 Nov 2026 11:59:00 GMT", 0.0)]
    [InlineData("Mon, 29 Nov 2027 12:00:00 GMT", 300.0)]
    [InlineData("", null)]
    [InlineData("soon", null)]
    [InlineData("-5", null)]
    [InlineData("5s", null)]
    [InlineData("1,5", null)]
    [InlineData("NaN", null)]
    [InlineData("Infinity", null)]
    [InlineData("Sun, 31 Feb 2026 12:00:00 GMT", null)]
    public void The_wait_is_understood_and_capped(string text, double? seconds) =>
        Assert.Equal(seconds, RetryAfterHeader.Parse(text, Now)?.TotalSeconds);
}
