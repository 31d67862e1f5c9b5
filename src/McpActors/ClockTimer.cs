using Akka.Actor;

namespace McpActors;

/// <summary>
/// A timer of an actor that is due by the pool's clock. Akka's timers count the time in which the process was stopped, so its message may
/// come too early: the actor does what is due only if <see cref="IsDue"/>.
/// </summary>
/// <param name="owner">The actor.</param>
/// <param name="clock">The pool's clock.</param>
/// <param name="message">What the actor receives; its type is the timer's key.</param>
internal sealed class ClockTimer(IWithTimers owner, PoolClock clock, object message)
{
    private DateTimeOffset _due;

    /// <summary>Starts it, also again.</summary>
    public void Start(TimeSpan time) => Start(clock.Now + time);

    /// <inheritdoc cref="Start(TimeSpan)"/>
    public void Start(DateTimeOffset due)
    {
        _due = due;
        Arm();
    }

    /// <summary>Its time is up; if it is not, the message comes again.</summary>
    public bool IsDue()
    {
        if (clock.Now >= _due)
            return true;
        Arm();
        return false;
    }

    public void Cancel() => owner.Timers.Cancel(message.GetType());

    private void Arm()
    {
        var left = _due - clock.Now;
        owner.Timers.StartSingleTimer(message.GetType(), message, left > TimeSpan.Zero ? left : TimeSpan.Zero);
    }
}
