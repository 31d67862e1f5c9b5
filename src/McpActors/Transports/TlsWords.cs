using System.Security.Authentication;

namespace McpActors.Transports;

/// <summary>Why no TLS connection was made.</summary>
internal enum TlsProblem
{
    /// <summary>It is not known, or TLS is not the cause.</summary>
    None,

    /// <summary>The port answered with something that is not TLS.</summary>
    NoTls,

    /// <summary>The certificate comes from an authority that this machine does not trust.</summary>
    Untrusted,

    /// <summary>The certificate is for another name than the one of the address.</summary>
    OtherName,
}

/// <summary>Recognizes why a TLS connection failed: the runtime has only words for it. Pure.</summary>
internal static class TlsWords
{
    /// <summary>The problem that an exception, or one of its causes, reports.</summary>
    public static TlsProblem Of(Exception error)
    {
        for (var e = error; e is not null; e = e.InnerException)
        {
            if (e is AuthenticationException && Of(e.Message) is var problem and not TlsProblem.None)
                return problem;
        }
        return TlsProblem.None;
    }

    /// <summary>What to say about the problem; null when there is none.</summary>
    /// <param name="error">The exception.</param>
    /// <param name="host">The host and port of the address.</param>
    /// <param name="plain">The schemes without TLS.</param>
    public static string? For(Exception error, string host, string plain) => Of(error) switch
    {
        TlsProblem.NoTls => $"{host} does not speak TLS; use {plain}",
        TlsProblem.Untrusted =>
            $"the certificate of {host} is not trusted; set SSL_CERT_FILE to its authority ({Reason(error)})",
        TlsProblem.OtherName => $"the certificate of {host} is for another name; use the name that it has ({Reason(error)})",
        _ => null,
    };

    private static string Reason(Exception error) => error.GetBaseException().Message.TrimEnd('.');

    private static TlsProblem Of(string message)
    {
        return Has("frame size") || Has("corrupted frame") || Has("wrong version number") ? TlsProblem.NoTls
            : Has("UntrustedRoot") || Has("PartialChain") || Has("RemoteCertificateChainErrors") ? TlsProblem.Untrusted
            : Has("RemoteCertificateNameMismatch") ? TlsProblem.OtherName
            : TlsProblem.None;

        bool Has(string words) => message.Contains(words, StringComparison.OrdinalIgnoreCase);
    }
}
