namespace McpActors.Host.Api;

/// <summary>
/// The HTTP status of each kind of error. Clients and proxies repeat requests automatically after 408, 429, 502, 503 and 504. These are
/// used only where repeating is safe; therefore <see cref="PoolErrorKind.OutcomeUnknown"/> and <see cref="PoolErrorKind.ServerError"/>
/// have others.
/// </summary>
internal static class ErrorStatus
{
    /// <summary>The client closed the request; a status that nginx introduced.</summary>
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
        PoolErrorKind.ServerError => StatusCodes.Status424FailedDependency,
        PoolErrorKind.SessionLost => StatusCodes.Status502BadGateway,
        PoolErrorKind.NoServerAvailable => StatusCodes.Status503ServiceUnavailable,
        PoolErrorKind.CircuitOpen => StatusCodes.Status503ServiceUnavailable,
        PoolErrorKind.DeadlineExceeded => StatusCodes.Status504GatewayTimeout,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "unknown kind of PoolError"),
    };
}
