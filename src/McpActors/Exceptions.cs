namespace McpActors;

/// <summary>
/// A call has no result. <see cref="Kind"/> says why: <c>catch (McpPoolException e) when (e.Kind == PoolErrorKind.OutcomeUnknown)</c>.
/// Thrown by <see cref="Pool.IMcpPool"/>; the constructor is public so that tests that mock it can throw one.
/// </summary>
/// <param name="failure">The pool's reply.</param>
public sealed class McpPoolException(CallFailed failure) : Exception(MessageOf(failure))
{
    /// <summary>An exception for a call that failed with this error before any attempt.</summary>
    /// <param name="kind">What kind of failure.</param>
    /// <param name="message">What happened, to which server, and what to do.</param>
    public McpPoolException(PoolErrorKind kind, string message) : this(new CallFailed(new PoolError(kind, message), [], TimeSpan.Zero))
    {
    }

    /// <summary>The pool's reply: the error, every attempt and the time.</summary>
    public CallFailed Failure { get; } = failure;

    /// <summary>Why the call has no result.</summary>
    public PoolError Error => Failure.Error;

    /// <summary>The kind of <see cref="Error"/>.</summary>
    public PoolErrorKind Kind => Error.Kind;

    internal static string MessageOf(CallFailed failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        return failure.Error.Message;
    }
}

/// <summary>
/// A call was cancelled by its token. <see cref="MayHaveRun"/> says whether it may have run all the same. Thrown by
/// <see cref="Pool.IMcpPool"/>; the constructor is public so that tests that mock it can throw one.
/// </summary>
/// <param name="failure">The pool's reply.</param>
/// <param name="cancellationToken">The token that was cancelled.</param>
public sealed class CallCancelledException(CallFailed failure, CancellationToken cancellationToken)
    : OperationCanceledException(McpPoolException.MessageOf(failure), cancellationToken)
{
    /// <summary>The pool's reply: the error, every attempt and the time.</summary>
    public CallFailed Failure { get; } = failure;

    /// <summary>Whether a server may have run the call before the cancel reached it.</summary>
    public bool MayHaveRun => Failure.Error.MayHaveRun;
}

/// <summary>
/// The pool refused an operator's command; nothing changed. The message says why. Thrown by <see cref="Pool.IMcpPool.CommandAsync"/>.
/// </summary>
/// <param name="reason">Why, and what would be right.</param>
public sealed class CommandRefusedException(string reason) : Exception(reason);
