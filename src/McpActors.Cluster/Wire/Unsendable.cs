using McpActors.Clustering.OneNode;
using McpActors.Pool;

namespace McpActors.Clustering.Wire;

/// <summary>
/// Replaces, on the wire, a message that cannot be sent: it does not fit into a frame of Akka.Remote, or holds settings that must not
/// cross. Akka would only log that at the sender and drop the message, and a caller would wait in vain for an answer.
/// </summary>
/// <param name="Problem">Why the message cannot be sent, and what to do.</param>
/// <param name="AttemptId">The attempt that the message starts or ends, between nodes; null for other messages.</param>
/// <param name="Catalogue">The number of the catalogue that the message is, between nodes; null for other messages.</param>
internal sealed record Unsendable(string Problem, long? AttemptId = null, long? Catalogue = null)
{
    /// <summary>How the call ended whose answer this is; a call with a result ran.</summary>
    public PoolErrorKind Kind { get; init; } = PoolErrorKind.OutcomeUnknown;

    /// <summary>Whether a server may have run the call whose answer this is.</summary>
    public bool MayHaveRun { get; init; } = true;

    /// <summary>The first byte of such a payload; every other payload is a JSON object.</summary>
    public const byte Mark = (byte)'!';

    public static Unsendable TooLarge(string manifest, long size, long limit) => new(
        $"{manifest} is {size} bytes, more than the {limit} that Akka.Remote carries between processes. Request less, or raise "
        + "akka.remote.dot-netty.tcp.maximum-frame-size on every node and client above max-request-size and max-result-size of the pool.");

    /// <summary>
    /// The message for the receiver: an error for a reply, an unusable call or command for a call or command, an unknown catalogue for a
    /// catalogue, else a refusal.
    /// </summary>
    /// <param name="type">The message that could not be sent.</param>
    public object InPlaceOf(Type type)
    {
        if (AttemptId is { } attempt)
            return new UnsendableAttempt(attempt, Problem);
        if (Catalogue is { } number)
            return new SharedCatalogue(number, null, null, null, null) { Problem = Problem };
        if (type == typeof(CallCompleted) || type == typeof(CallFailed))
        {
            var message = $"The call has ended, but its answer cannot be sent to the caller: {Problem}";
            return new CallFailed(new PoolError(Kind, message) { MayHaveRun = MayHaveRun }, [], TimeSpan.Zero);
        }
        return Unusable(Problem, type) ?? new CommandRefused(Problem);
    }

    /// <summary>What takes the place of a call or command that cannot be used, so that its sender is answered; null for others.</summary>
    public static object? Unusable(string problem, Type type) =>
        type.IsAssignableTo(typeof(PoolCall)) || type == typeof(PassedOn) ? new UnusableCall(problem)
        : type.IsAssignableTo(typeof(PoolCommand)) ? new UnusableCommand(problem)
        : null;
}
