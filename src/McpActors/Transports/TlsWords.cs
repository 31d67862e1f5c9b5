using System.Security.Authentication;

namespace McpActors.Transports;

/// <summary>Recognizes why a TLS connection failed: the runtime has only words for it. Pure.</summary>
internal static class TlsWords
{
    /// <summary>Why, and what to do; null when the cause is another, or not known.</summary>
    /// <param name="error">The exception.</param>
    /// <param name="host">The host and port of the address.</param>
    /// <param name="plain">The schemes without TLS.</param>
    public static string? For(Exception error, string host, string plain)
    {
        for (var e = error; e is not null; e = e.InnerException)
        {
            if (e is AuthenticationException && Of(e.Message) is { } words)
                return words;
        }
        return null;

        string? Of(string message)
        {
            return Has("frame size") || Has("corrupted frame") || Has("wrong version number")
                ? $"{host} does not speak TLS; use {plain}"
                : Has("UntrustedRoot") || Has("PartialChain") || Has("RemoteCertificateChainErrors")
                ? $"the certificate of {host} is not trusted; set SSL_CERT_FILE to its authority ({Reason(error)})"
                : Has("RemoteCertificateNameMismatch")
                ? $"the certificate of {host} is for another name; use the name that it has ({Reason(error)})"
                : null;

            bool Has(string words) => message.Contains(words, StringComparison.OrdinalIgnoreCase);
        }
    }

    private static string Reason(Exception error) => error.GetBaseException().Message.TrimEnd('.');
}
