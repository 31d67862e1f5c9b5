using McpActors.Clustering.OneNode;
using McpActors.Pool;

namespace McpActors.Clustering.Wire;

/// <summary>
/// Goes over the wire in the place of a message that cannot: one that does not fit into a frame of Akka.Remote, or that holds what must not cross. Akka would
/// log that where it was sent and drop it, and whoever waits for the answer would wait in vain.
/// </summary>
/// <param name="Problem">What is wrong with it and what to do.</param>
/// <param name="AttemptId">The attempt that it starts or ends, between nodes; null for everything else.</param>
internal sealed record Unsendable(string Problem, long? AttemptId = null)
{
    /// <summary>The first byte of such a payload; every other is a JSON object.</summary>
    public const byte Mark = (byte)'!';

    public static Unsendable TooLarge(string manifest, long size, long limit) => new(
        $"{manifest} is {size} bytes, more than the {limit} that Akka.Remote carries between processes (akka.remote.dot-netty.tcp.maximum-frame-size, to be seen "
        + "together with max-request-size and max-result-size of the pool). Ask for less, or raise the frame size on every node and client.");

    /// <summary>What the receiver gets: in place of a reply the error, in place of a call or command one that is refused, else the refusal.</summary>
    /// <param name="type">The message that could not be sent.</param>
    public object InPlaceOf(Type type)
    {
        if (AttemptId is { } attempt)
            return new UnsendableAttempt(attempt, Problem);
        if (type == typeof(CallCompleted) || type == typeof(CallFailed))
            return new CallFailed(new PoolError(PoolErrorKind.Rejected, $"The call has ended, but its answer cannot be sent here: {Problem}"), [], TimeSpan.Zero);
        if (type.IsAssignableTo(typeof(PoolCall)) || type == typeof(PassedOn))
            return new UnusableCall(Problem);
        return type.IsAssignableTo(typeof(PoolCommand)) ? new UnusableCommand(Problem) : new CommandRefused(Problem);
    }
}
