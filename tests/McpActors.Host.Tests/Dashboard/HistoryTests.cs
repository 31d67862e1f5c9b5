using McpActors.Host.Dashboard.Monitoring;

namespace McpActors.Host.Tests.Dashboard;

public class HistoryTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch.AddDays(20_000);
    private readonly History _history = new();

    [Fact]
    public void Adds_up_what_ends_within_one_step()
    {
        _history.Add(Start, 3, 1, null, null);
        _history.Add(Start.AddSeconds(4), 7, 0, null, null);

        var point = _history.Points(Start.AddSeconds(5))[^1];

        Assert.Equal((2.0, 0.2), (point.CallsPerSecond, point.FailuresPerSecond));
    }

    [Fact]
    public void Shows_the_current_step_only_when_it_is_over()
    {
        _history.Add(Start, 10, 0, null, null);

        Assert.All(_history.Points(Start.AddSeconds(4)), point => Assert.Equal(0, point.CallsPerSecond));
        Assert.Equal(2, _history.Points(Start.AddSeconds(5))[^1].CallsPerSecond);
    }

    [Fact]
    public void Shows_nothing_for_times_without_a_status()
    {
        _history.Add(Start, 10, 0, TimeSpan.FromMilliseconds(2), TimeSpan.FromMilliseconds(9));
        _history.Add(Start.AddSeconds(60), 10, 0, null, null);

        var points = _history.Points(Start.AddSeconds(65));

        Assert.Equal(2, points[^1].CallsPerSecond);
        Assert.All(points[^12..^1], point => Assert.Equal((0, null), (point.CallsPerSecond, point.P50)));
        Assert.Equal(
            (2, TimeSpan.FromMilliseconds(2), TimeSpan.FromMilliseconds(9)),
            (points[^13].CallsPerSecond, points[^13].P50, points[^13].P99));
    }

    [Fact]
    public void Forgets_what_is_older_than_15_minutes()
    {
        for (var second = 0; second < 3600; second += 5)
            _history.Add(Start.AddSeconds(second), second, 0, null, null);

        var points = _history.Points(Start.AddHours(1));

        Assert.Equal(History.Steps, points.Length);
        Assert.Equal(
            Enumerable.Range(0, History.Steps).Select(step => (2700 + (step * 5)) / 5.0), points.Select(point => point.CallsPerSecond));
    }

    [Fact]
    public void Is_empty_after_a_long_silence()
    {
        _history.Add(Start, 10, 10, null, null);

        Assert.All(_history.Points(Start.AddHours(2)), point => Assert.Equal(0, point.CallsPerSecond));
        Assert.Null(_history.ErrorRate(Start.AddHours(2)));
    }

    [Fact]
    public void Survives_a_clock_that_is_set_back()
    {
        _history.Add(Start.AddSeconds(60), 10, 0, null, null);
        _history.Add(Start, 5, 0, null, null);

        Assert.Equal(3, _history.Points(Start.AddSeconds(65))[^1].CallsPerSecond);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(4)]
    public void Ten_calls_a_second_are_ten_at_any_moment_of_a_step(int into)
    {
        for (var second = 0; second <= 60 + into; second++)
            _history.Add(Start.AddSeconds(second), second == 60 + into ? 0 : 10, 0, null, null);

        Assert.Equal(10, _history.CallsPerSecond(Start.AddSeconds(60 + into)), 6);
    }

    [Fact]
    public void The_error_rate_is_that_of_the_last_minute()
    {
        _history.Add(Start, 100, 100, null, null);
        _history.Add(Start.AddSeconds(120), 30, 3, null, null);

        Assert.Equal(0.1, _history.ErrorRate(Start.AddSeconds(125)));
    }
}
