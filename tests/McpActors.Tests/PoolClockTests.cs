using Xunit;

namespace McpActors.Tests;

public sealed class PoolClockTests : VirtualTimeSpec
{
    private readonly PoolClock _clock;

    public PoolClockTests()
        : base(OnOwnMachine) => _clock = PoolClock.Of(Sys);

    public static TheoryData<double> Hours { get; } = [1, -1, 24 * 365];

    [Fact]
    public void It_starts_with_the_clock_of_the_machine_and_counts_the_time_that_passes()
    {
        var start = _clock.WallTime;
        Assert.Equal(start, _clock.Now);

        Pass(TimeSpan.FromMinutes(1));

        Assert.Equal(start + TimeSpan.FromMinutes(1), _clock.Now);
        Assert.Equal(_clock.Now, _clock.GetUtcNow());
        Assert.Equal(TimeSpan.FromMinutes(1), _clock.GetElapsedTime(start.UtcTicks));
    }

    [Theory]
    [MemberData(nameof(Hours))]
    public void A_clock_that_is_set_does_not_move_it(double hours)
    {
        var before = _clock.Now;

        Machine.SetClock(TimeSpan.FromHours(hours));
        Pass(TimeSpan.FromSeconds(1));

        Assert.Equal(before + TimeSpan.FromSeconds(1), _clock.Now);
        Assert.Equal(before + TimeSpan.FromSeconds(1) + TimeSpan.FromHours(hours), _clock.WallTime);
    }

    [Theory]
    [MemberData(nameof(Hours))]
    public void Its_times_are_shown_by_the_clock_as_it_is_set_now(double hours)
    {
        var due = _clock.Now + TimeSpan.FromSeconds(10);

        Machine.SetClock(TimeSpan.FromHours(hours));

        Assert.Equal(_clock.WallTime + TimeSpan.FromSeconds(10), _clock.ToWallTime(due));
        Assert.Equal(due, _clock.FromWallTime(_clock.ToWallTime(due)));
    }

    [Fact]
    public void A_pause_of_the_process_counts_as_one_beat()
    {
        var before = _clock.Now;

        Machine.StopProcess(TimeSpan.FromMinutes(1));
        Assert.Equal(before + PoolClock.Beat, _clock.Now);
        Pass(TimeSpan.FromSeconds(1));
        Machine.StopProcess(TimeSpan.FromHours(10));

        Assert.Equal(before + TimeSpan.FromSeconds(1) + (2 * PoolClock.Beat), _clock.Now);
    }

    [Fact]
    public void The_reading_that_finds_a_pause_does_not_count_it_either()
    {
        var (before, found) = (_clock.Now, DateTimeOffset.MinValue);
        // Due before the clock's own beat.
        Sys.Scheduler.Advanced.ScheduleOnce(PoolClock.Beat / 2, () => found = _clock.Now);

        Machine.StopProcess(TimeSpan.FromMinutes(1));

        Assert.Equal(before + PoolClock.Beat, found);
    }

    [Fact]
    public void A_delay_of_a_busy_process_counts_in_full()
    {
        var before = _clock.Now;

        Machine.StopProcess(PoolClock.LongestGap);

        Assert.Equal(before + PoolClock.LongestGap, _clock.Now);
    }

    [Fact]
    public async Task It_counts_in_full_once_the_actor_system_has_ended_and_nothing_reads_it_often()
    {
        var before = _clock.Now;
        await Sys.Terminate();

        Machine.StopProcess(TimeSpan.FromMinutes(1));

        Assert.Equal(before + TimeSpan.FromMinutes(1), _clock.Now);
    }

    [Fact]
    public async Task Its_timers_wait_for_it()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(20), _clock);
        var before = Machine.Readings;
        // The runtime's timer of the same length fires, each time reads the clock, and is set again.
        await UntilAsync(() => Machine.Readings >= before + 3);
        Assert.False(limit.IsCancellationRequested);

        Pass(TimeSpan.FromMilliseconds(20));

        await UntilAsync(() => limit.IsCancellationRequested);
    }

    [Fact]
    public async Task Its_timers_can_be_changed_repeated_and_ended()
    {
        var count = 0;
        await using var timer = _clock.CreateTimer(
            _ => Interlocked.Increment(ref count), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        timer.Change(TimeSpan.Zero, TimeSpan.FromMilliseconds(20));
        await UntilAsync(() => Volatile.Read(ref count) == 1);

        Pass(TimeSpan.FromMilliseconds(20));
        await UntilAsync(() => Volatile.Read(ref count) == 2);
        timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Pass(TimeSpan.FromSeconds(1));
        timer.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        await UntilAsync(() => Volatile.Read(ref count) == 3);
    }

    [Fact]
    public async Task It_never_goes_back_for_threads_that_read_it_while_the_process_is_stopped_again_and_again()
    {
        using var end = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            var (last, back) = (_clock.Now, 0);
            while (!end.IsCancellationRequested)
            {
                var now = _clock.Now;
                if (now < last)
                    back++;
                last = now;
            }
            return back;
        })).ToArray();

        foreach (var length in Enumerable.Range(0, 2000))
            Machine.Time.Advance(TimeSpan.FromMilliseconds(length % 7 == 0 ? 5000 : length % 60));
        await end.CancelAsync();

        Assert.All(await Task.WhenAll(readers), back => Assert.Equal(0, back));
    }
}

public sealed class VirtualClockTests : VirtualTimeSpec
{
    [Fact]
    public void A_scheduler_with_a_time_of_its_own_keeps_it()
    {
        var before = Now;

        Pass(TimeSpan.FromHours(1), TimeSpan.FromHours(1));

        Assert.Equal(before + TimeSpan.FromHours(1), PoolClock.Of(Sys).Now);
    }
}
