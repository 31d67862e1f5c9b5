using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;
using Akka.TestKit;

namespace McpActors.Tests;

/// <summary>
/// The scheduler of a machine whose time is virtual and whose clock can be set. Timers and the monotonic clock follow the time that passes,
/// as those of Akka's own scheduler do.
/// </summary>
public sealed class MachineScheduler(Config config, ILoggingAdapter log) : SchedulerBase(config, log)
{
    private readonly DateTimeOffset _start = DateTimeOffset.UnixEpoch;
    private TimeSpan _set;
    private int _readings;

    /// <summary>The time that passes.</summary>
    public TestScheduler Time { get; } = new(config, log);

    /// <summary>How often the clock that counts the time that passes was read.</summary>
    public int Readings => Volatile.Read(ref _readings);

    /// <summary>Sets the clock forward, or back.</summary>
    public void SetClock(TimeSpan by) => _set += by;

    /// <summary>Stops the process for this time: timers that are due meanwhile fire when it goes on, and nothing reads the clock.</summary>
    public void StopProcess(TimeSpan time) => Time.Advance(time);

    protected override DateTimeOffset TimeNow => Time.Now + _set;

    public override TimeSpan MonotonicClock => Time.Now - _start;

    public override TimeSpan HighResMonotonicClock
    {
        get
        {
            Interlocked.Increment(ref _readings);
            return Time.Now - _start;
        }
    }

    protected override void InternalScheduleTellOnce(
        TimeSpan delay, ICanTell receiver, object message, IActorRef sender, ICancelable cancelable) =>
        Time.ScheduleTellOnce(delay, receiver, message, sender, cancelable);

    protected override void InternalScheduleTellRepeatedly(
        TimeSpan initialDelay, TimeSpan interval, ICanTell receiver, object message, IActorRef sender, ICancelable cancelable) =>
        Time.ScheduleTellRepeatedly(initialDelay, interval, receiver, message, sender, cancelable);

    protected override void InternalScheduleOnce(TimeSpan delay, Action action, ICancelable cancelable) =>
        Time.ScheduleOnce(delay, action, cancelable);

    protected override void InternalScheduleOnce(TimeSpan delay, IRunnable action, ICancelable cancelable) =>
        Time.ScheduleOnce(delay, action.Run, cancelable);

    protected override void InternalScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, Action action, ICancelable cancelable) =>
        Time.ScheduleRepeatedly(initialDelay, interval, action, cancelable);

    protected override void InternalScheduleRepeatedly(
        TimeSpan initialDelay, TimeSpan interval, IRunnable action, ICancelable cancelable) =>
        Time.ScheduleRepeatedly(initialDelay, interval, action.Run, cancelable);
}
