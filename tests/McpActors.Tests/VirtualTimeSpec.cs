using Akka.Actor;
using Akka.TestKit;
using Akka.TestKit.Xunit2;

namespace McpActors.Tests;

/// <summary>A spec of actors whose timers run in virtual time: nothing happens until the spec lets time pass.</summary>
public abstract class VirtualTimeSpec(string hocon = "") : TestKit($"{Kit}\n{hocon}")
{
    // Expected messages are awaited in real time, as long as elsewhere; the kit's default of three seconds is too short on a busy machine.
    private const string Kit =
        """
        akka.scheduler.implementation = "Akka.TestKit.TestScheduler, Akka.TestKit"
        akka.test { single-expect-default = 2m, default-timeout = 2m }
        """;

    private TestScheduler Scheduler => (TestScheduler)Sys.Scheduler;

    protected new DateTimeOffset Now => Scheduler.Now;

    /// <summary>
    /// Lets time pass in small steps, because a repeating timer fires once for each step. The actor has armed its timers once it has
    /// answered a query or reported a change, so specs wait for that first.
    /// </summary>
    protected void Pass(TimeSpan time, TimeSpan? step = null)
    {
        var end = Scheduler.Now + time;
        while (Scheduler.Now < end)
        {
            var left = end - Scheduler.Now;
            Scheduler.Advance(step is { } size && size < left ? size : left);
        }
    }

    /// <summary>When this returns, the actor has handled every message sent to it before.</summary>
    protected async Task HandledAsync(IActorRef actor)
    {
        var probe = CreateTestProbe();
        actor.Tell(new Identify("handled"), probe);
        await probe.ExpectMsgAsync<ActorIdentity>(PoolHost.Patience);
    }

    /// <summary>Waits, in real time, until a condition holds that no message reports.</summary>
    protected Task UntilAsync(Func<bool> condition) => UntilAsync(() => Task.FromResult(condition()));

    /// <summary>The same for a condition that needs a query.</summary>
    protected Task UntilAsync(Func<Task<bool>> condition) =>
        AwaitConditionAsync(condition, PoolHost.Patience, TimeSpan.FromMilliseconds(1));

    /// <summary>Lets time pass, a second at a time, until a condition holds: for work that goes on outside the actors.</summary>
    protected async Task PassUntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(PoolHost.Patience);
        using var turn = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!condition())
        {
            Scheduler.Advance(TimeSpan.FromSeconds(1));
            await turn.WaitForNextTickAsync(patience.Token);
        }
    }
}
