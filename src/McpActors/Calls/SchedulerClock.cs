using Akka.Actor;

namespace McpActors.Calls;

/// <summary>
/// The actor system's time as a <see cref="TimeProvider"/>, so that strategies use the same time as the actors, virtual in tests.
/// </summary>
internal sealed class SchedulerClock(ITimeProvider scheduler) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => scheduler.Now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => scheduler.Now.UtcTicks;
}
