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

    /// <summary>For a spec that sets the machine's clock or stops the process.</summary>
    protected const string OnOwnMachine =
        """
        akka.scheduler.implementation = "McpActors.Tests.MachineScheduler, McpActors.Tests"
        """;

    private TestScheduler Scheduler => Sys.Scheduler as TestScheduler ?? Machine.Time;

    /// <summary>The machine of a spec that is <see cref="OnOwnMachine"/>.</summary>
    internal MachineScheduler Machine => (MachineScheduler)Sys.Scheduler;

    protected new DateTimeOffset Now => Scheduler.Now;

    /// <summary>
    /// Lets time pass in small steps, because a repeating timer fires once for each step. The actor has armed its timers once it has
    /// answered a query or reported a change, so specs wait for that first.
    /// </summary>
    protected void Pass(TimeSpan time, TimeSpan? step = null)
    {
        // A process that runs reads its clock often.
        step ??= Sys.Scheduler is MachineScheduler ? PoolClock.Beat : null;
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

    /// <summary>Everything that has arrived at a probe and was not expected yet.</summary>
    protected static async Task<IReadOnlyList<object>> TakeAllAsync(TestProbe probe)
    {
        var end = new object();
        probe.Ref.Tell(end, ActorRefs.NoSender);
        var messages = new List<object>();
        for (var message = await NextAsync(); !ReferenceEquals(message, end); message = await NextAsync())
            messages.Add(message);
        return messages;

        ValueTask<object> NextAsync() => probe.ExpectMsgAsync<object>(PoolHost.Patience);
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
