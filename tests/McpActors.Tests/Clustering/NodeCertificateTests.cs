using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Akka.Configuration;
using McpActors.Clustering;
using McpActors.Configuration;
using Xunit;

namespace McpActors.Tests.Clustering;

public sealed class NodeCertificateTests : IDisposable
{
    private const string Key = "akka.remote.dot-netty.tcp.ssl.certificate";

    private readonly TemporaryDirectory _folder = new();

    public NodeCertificateTests()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=node", key, HashAlgorithmName.SHA256);
        var now = TimeProvider.System.GetUtcNow();
        using var whole = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        using var half = X509CertificateLoader.LoadCertificate(whole.RawData);
        File.WriteAllBytes(_folder.PathOf("node.pfx"), whole.Export(X509ContentType.Pfx, "secret"));
        File.WriteAllBytes(_folder.PathOf("half.pfx"), half.Export(X509ContentType.Pfx, "secret"));
        File.WriteAllText(_folder.PathOf("text.pfx"), "no certificate");
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("node.pfx", "wrong", "FILE cannot be read with this password")]
    [InlineData("node.pfx", "", "FILE cannot be read with this password")]
    [InlineData("none.pfx", "secret", "there is no such file: FILE")]
    [InlineData("half.pfx", "secret", "FILE has no private key, which the node needs to listen")]
    [InlineData("text.pfx", "secret", "FILE is not a .pfx file (PKCS#12) that can be read: ")]
    public void A_file_that_Akka_could_not_use_is_a_problem(string name, string password, string message)
    {
        var problem = ProblemOf($"certificate {{ path = \"{_folder.PathOf(name)}\", password = \"{password}\" }}");

        Assert.Equal(Key, problem?.Path);
        Assert.StartsWith(
            message.Replace("FILE", _folder.PathOf(name), StringComparison.Ordinal), problem!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_is_required() => Assert.Equal($"{Key}.path", ProblemOf("certificate.password = secret")?.Path);

    [Fact]
    public void A_good_file_is_none_and_neither_is_one_that_is_not_used()
    {
        Assert.Null(ProblemOf($"certificate {{ path = \"{_folder.PathOf("node.pfx")}\", password = secret }}"));
        Assert.Null(ProblemOf("certificate { path = \"/none.pfx\", use-thumbprint-over-file = true, thumbprint = abc }"));
        Assert.Null(ProblemOf("certificate.path = \"/none.pfx\"", enabled: "off"));
    }

    private static SettingsProblem? ProblemOf(string ssl, string enabled = "on") => NodeCertificate.ProblemOf(
        ConfigurationFactory.ParseString($"akka.remote.dot-netty.tcp {{ enable-ssl = {enabled}, ssl {{ {ssl} }} }}"));
}
