using McpActors.Balancing;
using Xunit;

namespace McpActors.Tests.Balancing;

public sealed class LatencyHistogramTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly LatencyHistogram _histogram = new(TimeSpan.FromSeconds(30));

    [Fact]
    public void Is_empty_before_the_first_record()
    {
        Assert.Null(_histogram.Quantile(0.5, Start));
        Assert.Equal(0, _histogram.CountAt(Start));
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.9)]
    [InlineData(0.99)]
    public void A_quantile_is_right_within_seven_percent(double share)
    {
        var random = new Random(1);
        var times = Enumerable.Range(0, 10_000)
            .Select(_ => TimeSpan.FromMilliseconds(-Math.Log(1 - random.NextDouble()) * 20))
            .Order()
            .ToList();
        times.ForEach(time => _histogram.Record(time, Start));

        var exact = times[(int)Math.Ceiling(share * times.Count) - 1];
        Assert.InRange(_histogram.Quantile(share, Start)!.Value / exact, 0.93, 1.07);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1e-4)]
    [InlineData(3.6e6)]
    public void The_shortest_and_the_longest_times_have_a_place(double milliseconds)
    {
        _histogram.Record(TimeSpan.FromMilliseconds(milliseconds), Start);
        Assert.NotNull(_histogram.Quantile(1, Start));
    }

    [Fact]
    public void Records_older_than_the_window_do_not_count()
    {
        _histogram.Record(TimeSpan.FromSeconds(1), Start);
        Assert.Equal(1, _histogram.CountAt(Start.AddSeconds(59)));
        Assert.Equal(0, _histogram.CountAt(Start.AddSeconds(90)));

        _histogram.Record(TimeSpan.FromSeconds(1), Start.AddSeconds(90));
        Assert.Equal(0, _histogram.CountAt(Start.AddHours(1)));
        Assert.Null(_histogram.Quantile(0.5, Start.AddHours(1)));
    }
}
