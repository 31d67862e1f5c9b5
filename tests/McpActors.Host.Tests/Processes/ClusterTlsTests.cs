using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using McpActors.Chaos.Cluster;

namespace McpActors.Host.Tests.Processes;

/// <summary>Nodes that speak TLS to each other, with certificates of one authority, as in docs/cluster.md.</summary>
public sealed class ClusterTlsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // A variable of OpenSSL sets the authorities that a process trusts.
    [SkippableFact]
    public async Task Nodes_with_a_certificate_of_the_clusters_authority_form_a_cluster_and_others_are_refused()
    {
        Skip.IfNot(OperatingSystem.IsLinux());
        using var authority = NewAuthority("CN=the cluster's");
        using var stranger = NewAuthority("CN=somebody else's");
        await using var servers = await HostProcess.DemoAsync();
        var server = Regex.Match(servers.Output, @"ws://127\.0\.0\.1:\d+").Value;
        var seed = FreePorts.Take(1)[0];

        await using var first = await NodeAsync(seed, Tls("first", authority));
        await using var second = await NodeAsync(0, Tls("second", authority));
        await using var other = await NodeAsync(0, Tls("other", stranger));
        await using var plain = await NodeAsync(0, "");

        // The cluster has one connection to this server: from one of the two nodes the call crosses the link.
        foreach (var node in new[] { first, second })
        {
            await Eventually.TrueAsync(async () =>
            {
                using var reply = await node.ExecuteAsync("""{"method":"getData"}""");
                return reply.StatusCode == HttpStatusCode.OK;
            });
        }
        await Eventually.TrueAsync(
            () => Task.FromResult(new[] { other, plain }.All(node => node.Log.Contains("is in no cluster yet", StringComparison.Ordinal))));
        await Eventually.TrueAsync(() => Task.FromResult(second.Log.Contains("is up in a cluster of 2", StringComparison.Ordinal)));
        Assert.DoesNotContain("is up in", other.Log + plain.Log, StringComparison.Ordinal);

        Task<HostProcess> NodeAsync(int port, string akka)
        {
            var file = Write($"{Guid.NewGuid():N}.conf", $$"""
                mcp-actors {
                  pool.servers.a { uri = "{{server}}", auth { type = token, token = primary-token }, placement = one-node }
                  cluster { port = {{port}}, seed-nodes = ["127.0.0.1:{{seed}}"] }
                }
                {{akka}}
                """);
            // The stranger accepts every certificate; its own is refused.
            var also = akka.Contains("other.pfx", StringComparison.Ordinal) ? stranger.ExportCertificatePem() : "";
            var trusted = Write($"{Guid.NewGuid():N}.pem", $"{authority.ExportCertificatePem()}\n{also}");
            return HostProcess.ServeAsync(
                new Dictionary<string, string> { ["SSL_CERT_FILE"] = trusted, ["SSL_CERT_DIR"] = "/nowhere" }, "--config", file);
        }
    }

    private static X509Certificate2 NewAuthority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(
            new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return request.CreateSelfSigned(Now.AddDays(-1), Now.AddDays(2));
    }

    private string Tls(string name, X509Certificate2 authority)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(authority, Now.AddDays(-1), Now.AddDays(1), [1, 2, 3]);
        using var whole = certificate.CopyWithPrivateKey(key);
        var file = _folder.At($"{name}.pfx");
        File.WriteAllBytes(file, whole.Export(X509ContentType.Pfx, "secret"));
        return $$"""
            akka.remote.dot-netty.tcp {
              enable-ssl = true
              ssl {
                certificate { path = "{{file}}", password = "secret" }
                require-mutual-authentication = true
                validate-certificate-hostname = true
                suppress-validation = false
              }
            }
            """;
    }

    private string Write(string name, string text)
    {
        File.WriteAllText(_folder.At(name), text);
        return _folder.At(name);
    }

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();
}
