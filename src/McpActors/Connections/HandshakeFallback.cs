using System.ComponentModel;
using System.Net;
using System.Text.Json;
using McpActors.Transports;
using ModelContextProtocol.Client;

namespace McpActors.Connections;

/// <summary>How far the handshake of a connection came.</summary>
internal enum HandshakeStep
{
    /// <summary>Nothing was sent.</summary>
    NotSent,

    /// <summary>The first request was sent: <c>server/discover</c>, which older servers do not know.</summary>
    Discovering,

    /// <summary><c>initialize</c> was sent.</summary>
    Initializing,
}

/// <summary>
/// Decides whether a failed handshake is tried once more on a new connection, which begins with <c>initialize</c>. Older servers meet
/// <c>server/discover</c> with anything: an answer that is none, any status, a closed connection, their own end. Pure.
/// </summary>
internal static class HandshakeFallback
{
    /// <summary>Whether <c>initialize</c> may succeed where this failed.</summary>
    /// <param name="failure">What the handshake failed with.</param>
    /// <param name="step">How far it came.</param>
    /// <param name="isHttp">Each request of the connection stands alone.</param>
    public static bool IsDue(Exception failure, HandshakeStep step, bool isHttp) => step switch
    {
        HandshakeStep.NotSent => false,
        HandshakeStep.Discovering => !IsAboutAnyRequest(failure),
        // Confused by the request before it; a server of single requests is not.
        _ => !isHttp && failure is JsonException or ClientTransportClosedException
            or IOException { InnerException: not Win32Exception } and not FileNotFoundException,
    };

    // What initialize would meet as well: refused credentials, a limit, a time-out, an address that cannot be reached.
    private static bool IsAboutAnyRequest(Exception failure) => failure switch
    {
        OperationCanceledException or TimeoutException or MessageNotSentException => true,
        HttpRefusedException e => e.StatusCode == HttpStatusCode.TooManyRequests || e.RetryAfter is not null,
        HttpRequestException e => e.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden
                or HttpStatusCode.ProxyAuthenticationRequired or HttpStatusCode.TooManyRequests
            || (e.StatusCode is null && FailureClassifier.NeverConnected(e.HttpRequestError)),
        _ => false,
    };
}
