using System.Security.Authentication;
using McpActors.Transports;
using Xunit;

namespace McpActors.Tests.Transports;

public sealed class TlsWordsTests
{
    private const string Invalid = "The remote certificate is invalid ";

    [Theory]
    [InlineData("Cannot determine the frame size or a corrupted frame was received.", "h:1 does not speak TLS; use http://")]
    [InlineData(
        Invalid + "because of errors in the certificate chain: UntrustedRoot",
        "the certificate of h:1 is not trusted; set SSL_CERT_FILE to its authority ("
            + Invalid + "because of errors in the certificate chain: UntrustedRoot)")]
    [InlineData(
        Invalid + "according to the validation procedure: RemoteCertificateNameMismatch, RemoteCertificateChainErrors",
        "the certificate of h:1 is not trusted; set SSL_CERT_FILE to its authority ("
            + Invalid + "according to the validation procedure: RemoteCertificateNameMismatch, RemoteCertificateChainErrors)")]
    [InlineData(
        Invalid + "according to the validation procedure: RemoteCertificateNameMismatch",
        "the certificate of h:1 is for another name; use the name that it has ("
            + Invalid + "according to the validation procedure: RemoteCertificateNameMismatch)")]
    [InlineData("Authentication failed.", null)]
    public void The_cause_is_named_with_what_to_do(string reason, string? words)
    {
        var error = new HttpRequestException("The SSL connection could not be established.", new AuthenticationException(reason));

        Assert.Equal(words, TlsWords.For(error, "h:1", "http://"));
    }

    [Fact]
    public void Other_errors_have_no_such_cause() =>
        Assert.Null(TlsWords.For(new IOException("UntrustedRoot"), "h:1", "http://"));
}
