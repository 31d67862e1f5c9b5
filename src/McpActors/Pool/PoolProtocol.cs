using Akka.Actor;

namespace McpActors.Pool;

/// <summary>A call that a node passed on because its own pool closes. It is not passed on twice.</summary>
/// <param name="Call">The call; its sender is who waits for the reply.</param>
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
