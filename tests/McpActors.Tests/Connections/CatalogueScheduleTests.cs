using McpActors.Connections;
using Xunit;

namespace McpActors.Tests.Connections;

public sealed class CatalogueScheduleTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch;
    private static readonly TimeSpan Refresh = TimeSpan.FromMinutes(5);

    private readonly CatalogueSchedule _schedule = new(Refresh);

    [Fact]
    public void The_first_reading_is_whole_and_the_next_one_comes_after_the_refresh_time()
    {
        Assert.True(_schedule.Begin(Start));
        Assert.Equal(Refresh, End(0));
        Assert.True(_schedule.Begin(Start + Refresh));
    }

    [Fact]
    public void Changes_during_a_reading_are_followed_by_one_more_whole_reading()
    {
        _schedule.Begin(Start);
        Assert.Null(_schedule.Announce(Start));
        Assert.Null(_schedule.Announce(Start));
        Assert.Equal(CatalogueSchedule.Gather, End(0, changed: true));
        Assert.True(_schedule.Begin(At(1)));
        Assert.Equal(Refresh, End(1, changed: true));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.4)]
    [InlineData(1)]
    [InlineData(100)]
    public void Announcements_are_gathered_for_a_second(double after)
    {
        _schedule.Begin(Start);
        End(0);
        Assert.Equal(CatalogueSchedule.Gather, _schedule.Announce(At(after)));
        Assert.Null(_schedule.Announce(At(after + 0.5)));
        Assert.True(_schedule.Begin(At(after + 1)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Announcements_that_do_not_stop_are_read_less_and_less_often(bool changed)
    {
        _schedule.Begin(Start);
        var (time, waits) = (0.0, new List<double>());
        for (var i = 0; i < 10; i++)
        {
            _schedule.Announce(At(time));
            var wait = End(time, changed).TotalSeconds;
            waits.Add(wait);
            time += wait;
            _schedule.Begin(At(time));
        }
        Assert.Equal([1, 2, 4, 8, 16, 32, 60, 60, 60, 60], waits);
    }

    [Fact]
    public void Announcements_behind_each_reading_without_news_are_read_less_and_less_often()
    {
        _schedule.Begin(Start);
        End(0);
        var (time, waits) = (0.0, new List<double>());
        for (var i = 0; i < 8; i++)
        {
            var wait = _schedule.Announce(At(time))!.Value.TotalSeconds;
            waits.Add(wait);
            time += wait;
            _schedule.Begin(At(time));
            End(time);
        }
        Assert.Equal([1, 2, 4, 8, 16, 32, 60, 60], waits);
    }

    [Fact]
    public void After_a_quiet_time_a_change_is_read_after_a_second_again()
    {
        _schedule.Begin(Start);
        for (var i = 0; i < 10; i++)
        {
            _schedule.Announce(At(i));
            End(i);
            _schedule.Begin(At(i));
        }
        End(10);
        Assert.Equal(CatalogueSchedule.Gather, _schedule.Announce(At(200)));
    }

    [Fact]
    public void Lists_that_failed_are_read_again_alone_at_growing_intervals()
    {
        _schedule.Begin(Start);
        var (time, waits) = (0.0, new List<double>());
        for (var i = 0; i < 7; i++)
        {
            var wait = End(time, failed: true).TotalSeconds;
            waits.Add(wait);
            time += wait;
            Assert.False(_schedule.Begin(At(time)));
        }
        Assert.Equal([2, 4, 8, 16, 32, 64, 128], waits);
        // The rest of the time until all lists are read again.
        Assert.Equal(Refresh - TimeSpan.FromSeconds(time), End(time));
    }

    [Fact]
    public void A_refresh_time_below_the_pause_is_the_pause()
    {
        var schedule = new CatalogueSchedule(TimeSpan.FromMilliseconds(20));
        schedule.Begin(Start);
        Assert.Equal(CatalogueSchedule.Gather, schedule.End(Start, false, false));
        Assert.True(schedule.Begin(At(1)));
    }

    [Fact]
    public void A_new_connection_starts_over()
    {
        _schedule.Begin(Start);
        _schedule.Announce(Start);
        End(0, failed: true);
        _schedule.Restart();
        Assert.True(_schedule.Begin(At(1)));
        Assert.Equal(Refresh, End(1));
    }

    private TimeSpan End(double seconds, bool changed = false, bool failed = false) => _schedule.End(At(seconds), changed, failed);

    private static DateTimeOffset At(double seconds) => Start.AddSeconds(seconds);
}
