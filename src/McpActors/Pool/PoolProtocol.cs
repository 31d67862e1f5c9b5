using Akka.Actor;
using Akka.Event;
using McpActors.Resilience;

namespace McpActors.Pool;

/// <summary>A call that another node passed on because its own pool closes; it is not passed on again.</summary>
/// <param name="Call">The call; its sender waits for the reply.</param>
internal sealed record PassedOn(PoolCall Call);

/// <summary>
/// Closes the pool: no new calls, those under way may end within <c>drain-timeout</c>, then every connection is closed. Answered with
/// <see cref="PoolClosed"/> when nothing is left.
/// </summary>
internal sealed record ClosePool : INoSerializationVerificationNeeded;

/// <summary>The pool is closed: every call is answered and every connection closed, or their time limits have passed.</summary>
internal sealed record PoolClosed : INoSerializationVerificationNeeded
{
    public static PoolClosed Instance { get; } = new();
}

/// <summary>The pool's own state of one of its servers, sent to <see cref="IPoolNode.Nodes"/> at first and after each change.</summary>
/// <param name="Name">The server.</param>
/// <param name="Circuit">The actor of its circuit.</param>
/// <param name="Report">Its report.</param>
/// <param name="Shared">The cluster has one connection to it.</param>
internal sealed record OwnServer(string Name, IActorRef Circuit, ServerReport Report, bool Shared)
    : IDeadLetterSuppression, INoSerializationVerificationNeeded;

/// <summary>The pool has this server no more.</summary>
internal sealed record OwnServerLeft(string Name) : IDeadLetterSuppression, INoSerializationVerificationNeeded;

/// <summary>Asks the pool for an <see cref="OwnServer"/> of each server, at first and after a crash.</summary>
internal sealed record ReportsWanted : INoSerializationVerificationNeeded;
