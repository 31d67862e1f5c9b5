namespace McpActors.Host.Api;

/// <summary>
/// The HTTP status of each kind of error. The statuses that clients and proxies repeat by themselves (408, 429, 502, 503, 504)
/// are given only where nothing can have run unknown to the caller; so <see cref="PoolErrorKind.OutcomeUnknown"/> is none of them.
/// </summary>
internal static class ErrorStatus
{
    /// <summary>nginx's word for "the client closed the request".</summary>
    public const int ClientClosedRequest = StatusCodes.Status499ClientClosedRequest;

    public static int Of(PoolErrorKind kind) => kind switch
    {
        PoolErrorKind.InvalidRequest => StatusCodes.Status400BadRequest,
        PoolErrorKind.UnknownServer => StatusCodes.Status404NotFound,
        PoolErrorKind.UnknownGroup => StatusCodes.Status404NotFound,
        PoolErrorKind.OutcomeUnknown => StatusCodes.Status409Conflict,
        PoolErrorKind.Rejected => StatusCodes.Status422UnprocessableEntity,
        PoolErrorKind.Overloaded => StatusCodes.Status429TooManyRequests,
        PoolErrorKind.Cancelled => ClientClosedRequest,
        PoolErrorKind.AllServersFailed => StatusCodes.Status502BadGateway,
        PoolErrorKind.ServerError => StatusCodes.Status502BadGateway,
        PoolErrorKind.SessionLost => StatusCodes.Status502BadGateway,
        PoolErrorKind.NoServerAvailable => StatusCodes.Status503ServiceUnavailable,
        PoolErrorKind.CircuitOpen => StatusCodes.Status503ServiceUnavailable,
        PoolErrorKind.DeadlineExceeded => StatusCodes.Status504GatewayTimeout,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "unknown kind of PoolError"),
    };
}
