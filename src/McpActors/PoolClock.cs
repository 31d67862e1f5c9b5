using Akka.Actor;

// The one place that reads the clocks of the scheduler.
#pragma warning disable RS0030

namespace McpActors;

/// <summary>
/// The time inside the pools of an actor system, for deadlines, circuits and everything else that is due at some time. It only moves
/// forward: a clock that is set does not move it, and it does not count the time in which the process was stopped or the machine slept. So
/// nothing times out because of a pause: what arrived meanwhile is read first. <see cref="WallTime"/> is for people and other processes.
/// <para>A scheduler with a time of its own, such as the virtual one of Akka's test kit, keeps that time.</para>
/// Thread-safe.
/// </summary>
internal sealed class PoolClock : TimeProvider, IExtension
{
    /// <summary>The clock is read at least this often; a pause counts as this much.</summary>
    public static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(50);

    /// <summary>A longer time between two readings is a pause, in which nothing in the process ran.</summary>
    public static readonly TimeSpan LongestGap = TimeSpan.FromMilliseconds(500);

    private sealed record Reading(TimeSpan At, TimeSpan Paused);

    private readonly IScheduler _scheduler;
    private readonly bool _isVirtual;
    private readonly DateTimeOffset _start;
    private volatile Reading _last;
    private volatile bool _beats;

    private PoolClock(ActorSystem system)
    {
        _scheduler = system.Scheduler;
        _isVirtual = _scheduler is not SchedulerBase;
        _start = WallTime;
        _last = new Reading(_scheduler.HighResMonotonicClock, TimeSpan.Zero);
        _start -= _last.At;
        if (_isVirtual)
            return;
        _scheduler.Advanced.ScheduleRepeatedly(Beat, Beat, () => _ = Now);
        _beats = true;
        // The last connections close when the scheduler has stopped.
        system.RegisterOnTermination(() => _beats = false);
    }

    public static PoolClock Of(ActorSystem system) => system.WithExtension<PoolClock, Provider>();

    /// <summary>The time by this clock.</summary>
    public DateTimeOffset Now => _isVirtual ? WallTime : _start + Elapsed;

    /// <summary>The time by the clock of the machine, which can be set.</summary>
    public DateTimeOffset WallTime => _scheduler.Now;

    /// <summary>A time by this clock as wall-clock time.</summary>
    public DateTimeOffset ToWallTime(DateTimeOffset time) => time + (WallTime - Now);

    /// <summary>A wall-clock time as time by this clock.</summary>
    public DateTimeOffset FromWallTime(DateTimeOffset time) => time - (WallTime - Now);

    /// <summary>The time by this clock, so that strategies do not depend on a clock that can be set.</summary>
    public override DateTimeOffset GetUtcNow() => Now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Now.UtcTicks;

    /// <summary>A timer that is due by this clock.</summary>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        _isVirtual ? base.CreateTimer(callback, state, dueTime, period) : new Timer(this, callback, state, dueTime, period);

    private TimeSpan Elapsed
    {
        get
        {
            while (true)
            {
                // In this order: if the process is stopped between the two, the gap shows.
                var last = _last;
                var at = _scheduler.HighResMonotonicClock;
                var gap = at - last.At;
                if (gap <= Beat)
                    return at - last.Paused;
                // No reading was later than one beat after the last one, so the clock does not go back.
                var next = new Reading(at, gap > LongestGap && _beats ? last.Paused + gap - Beat : last.Paused);
                if (Interlocked.CompareExchange(ref _last, next, last) == last)
                    return at - next.Paused;
            }
        }
    }

    // The runtime's timers count the time in which the process was stopped: one that fires too early is started again.
    private sealed class Timer : ITimer
    {
        private readonly PoolClock _clock;
        private readonly TimerCallback _callback;
        private readonly object? _state;
        private readonly Lock _lock = new();
        private readonly ITimer _timer;
        private DateTimeOffset _due;
        private TimeSpan _period;

        public Timer(PoolClock clock, TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            (_clock, _callback, _state) = (clock, callback, state);
            _timer = TimeProvider.System.CreateTimer(_ => Fire(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            Change(dueTime, period);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (_lock)
            {
                _due = dueTime == Timeout.InfiniteTimeSpan ? DateTimeOffset.MaxValue : _clock.Now + dueTime;
                _period = period;
                return _timer.Change(dueTime, Timeout.InfiniteTimeSpan);
            }
        }

        private void Fire()
        {
            lock (_lock)
            {
                var now = _clock.Now;
                if (_due > now)
                {
                    _timer.Change(_due == DateTimeOffset.MaxValue ? Timeout.InfiniteTimeSpan : _due - now, Timeout.InfiniteTimeSpan);
                    return;
                }
                _due = DateTimeOffset.MaxValue;
                if (_period > TimeSpan.Zero)
                    Change(_period, _period);
            }
            _callback(_state);
        }

        public void Dispose() => _timer.Dispose();

        public ValueTask DisposeAsync() => _timer.DisposeAsync();
    }

    private sealed class Provider : ExtensionIdProvider<PoolClock>
    {
        public override PoolClock CreateExtension(ExtendedActorSystem system) => new(system);
    }
}
