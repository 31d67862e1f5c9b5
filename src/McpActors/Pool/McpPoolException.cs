namespace McpActors.Pool;

/// <summary>A call has no result. One subclass for each <see cref="PoolErrorKind"/>.</summary>
public abstract class McpPoolException : Exception
{
    private protected McpPoolException(ExecuteFailed failure) : base(failure.Error.Message) => Failure = failure;

    /// <summary>The reply the pool gave: the error, every attempt and the time.</summary>
    public ExecuteFailed Failure { get; }

    /// <summary>What is wrong.</summary>
    public PoolError Error => Failure.Error;

    internal static McpPoolException For(ExecuteFailed failure) => failure.Error.Kind switch
    {
        PoolErrorKind.NoServerAvailable => new NoServerAvailableException(failure),
        PoolErrorKind.AllServersFailed => new AllServersFailedException(failure),
        PoolErrorKind.UnknownServer => new UnknownServerException(failure),
        PoolErrorKind.UnknownGroup => new UnknownGroupException(failure),
        PoolErrorKind.OutcomeUnknown => new OutcomeUnknownException(failure),
        PoolErrorKind.DeadlineExceeded => new DeadlineExceededException(failure),
        PoolErrorKind.Overloaded => new OverloadedException(failure),
        PoolErrorKind.CircuitOpen => new CircuitOpenException(failure),
        PoolErrorKind.SessionLost => new SessionLostException(failure),
        PoolErrorKind.Rejected => new CallRejectedException(failure),
        PoolErrorKind.ServerError => new ServerErrorException(failure),
        PoolErrorKind.Cancelled => new CallCancelledException(failure),
        PoolErrorKind.InvalidRequest => new InvalidCallException(failure),
        _ => throw new ArgumentOutOfRangeException(nameof(failure), failure.Error.Kind, "unknown kind of PoolError"),
    };
}

/// <summary><see cref="PoolErrorKind.NoServerAvailable"/>: no server could take the call; nothing ran.</summary>
public sealed class NoServerAvailableException : McpPoolException { internal NoServerAvailableException(ExecuteFailed failure) : base(failure) { } }

/// <summary><see cref="PoolErrorKind.AllServersFailed"/>: every server tried failed; nothing can have run unknown to the caller.</summary>
public sealed class AllServersFailedException : McpPoolException { internal AllServersFailedException(ExecuteFailed failure) : base(failure) { } }

/// <summary><see cref="PoolErrorKind.UnknownServer"/>: the server asked for is not in the pool.</summary>
public sealed class UnknownServerException : McpPoolException { internal UnknownServerException(ExecuteFailed failure) : base(failure) { } }

/// <summary><see cref="PoolErrorKind.UnknownGroup"/>: the group has no server.</summary>
public sealed class UnknownGroupException : McpPoolException { internal UnknownGroupException(ExecuteFailed failure) : base(failure) { } }

/// <summary><see cref="PoolErrorKind.OutcomeUnknown"/>: the call may or may not have run; find out before repeating it.</summary>
public sealed class OutcomeUnknownException : McpPoolException { internal OutcomeUnknownException(ExecuteFailed failure) : base(failure) { } }

/// <summary><see cref="PoolErrorKind.DeadlineExceeded"/>: the call's time was up.</summary>
public sealed class DeadlineExceededException : McpPoolException { internal DeadlineExceededException(ExecuteFailed failure) : base(failure) { } }

/// <summary><see cref="PoolErrorKind.Overloaded"/>: every server that could serve is at its limit.</summary>
public sealed class OverloadedException : McpPoolException { internal OverloadedException(ExecuteFailed failure) : base(failure) { } }

/// <summary><see cref="PoolErrorKind.CircuitOpen"/>: every server that could serve is held back by its circuit.</summary>
public sealed class CircuitOpenException : McpPoolException { internal CircuitOpenException(ExecuteFailed failure) : base(failure) { } }

/// <summary><see cref="PoolErrorKind.SessionLost"/>: the session the call depended on is gone.</summary>
public sealed class SessionLostException : McpPoolException { internal SessionLostException(ExecuteFailed failure) : base(failure) { } }

/// <summary><see cref="PoolErrorKind.Rejected"/>: the server refused the request as wrong.</summary>
public sealed class CallRejectedException : McpPoolException { internal CallRejectedException(ExecuteFailed failure) : base(failure) { } }

/// <summary><see cref="PoolErrorKind.ServerError"/>: the server answered with an error.</summary>
public sealed class ServerErrorException : McpPoolException { internal ServerErrorException(ExecuteFailed failure) : base(failure) { } }

/// <summary><see cref="PoolErrorKind.Cancelled"/>: the call was cancelled by <see cref="CancelCall"/>.</summary>
public sealed class CallCancelledException : McpPoolException { internal CallCancelledException(ExecuteFailed failure) : base(failure) { } }

/// <summary><see cref="PoolErrorKind.InvalidRequest"/>: the call itself cannot be run.</summary>
public sealed class InvalidCallException : McpPoolException { internal InvalidCallException(ExecuteFailed failure) : base(failure) { } }
