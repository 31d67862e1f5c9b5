using Akka.Actor;
using Akka.Event;

namespace McpActors.Pool;

/// <summary>
/// Answers the calls that reach no pool any more, so that no caller waits for ever: those in the mailbox of a pool that stopped, and those
/// sent to it afterwards. One for each actor system, beside the user's actors, so that it outlives them at shutdown.
/// </summary>
internal sealed class LostCalls : IExtension
{
    private LostCalls(ExtendedActorSystem system) => system.SystemActorOf(Props.Create(() => new Listener()), "mcp-lost-calls");

    public static ExecuteFailed Answer { get; } =
        new(new PoolError(PoolErrorKind.NoServerAvailable, "The pool has stopped; the call was not sent."), [], TimeSpan.Zero);

    public static LostCalls For(ActorSystem system) => system.WithExtension<LostCalls, Provider>();

    private sealed class Provider : ExtensionIdProvider<LostCalls>
    {
        public override LostCalls CreateExtension(ExtendedActorSystem system) => new(system);
    }

    private sealed class Listener : ReceiveActor
    {
        public Listener() => Receive<DeadLetter>(letter =>
        {
            if (letter.Message is IPoolCall)
                letter.Sender.Tell(Answer);
        });

        protected override void PreStart() => Context.System.EventStream.Subscribe(Self, typeof(DeadLetter));
    }
}
