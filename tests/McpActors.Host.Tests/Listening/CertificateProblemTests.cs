using System.Security.Cryptography;
using McpActors.Host.Listening;

namespace McpActors.Host.Tests.Listening;

public class CertificateProblemTests
{
    private const string Needed = "https needs a certificate: set Kestrel:Certificates:Default:Path";

    public static TheoryData<Exception, string?> Errors => new()
    {
        { new FileNotFoundException("Could not find file '/c/node.pfx'.", "/c/node.pfx"), $"{Needed} (there is no file /c/node.pfx)." },
        { new DirectoryNotFoundException("Could not find a part of '/c'."), $"{Needed} (Could not find a part of '/c')." },
        {
            new CryptographicException("The password is wrong."),
            $"{Needed} and Kestrel:Certificates:Default:Password (the certificate cannot be read: The password is wrong)."
        },
        { new InvalidOperationException("Unable to configure HTTPS endpoint. No server certificate was specified."), $"{Needed}." },
        { new InvalidOperationException("A path base can only be configured using IApplicationBuilder."), null },
        { new IOException("Failed to bind to address http://127.0.0.1:5000: address already in use."), null },
    };

    [Theory]
    [MemberData(nameof(Errors))]
    public void An_error_of_the_certificate_names_the_setting(Exception error, string? problem) =>
        Assert.Equal(problem, CannotListenException.CertificateProblemOf(error));
}
