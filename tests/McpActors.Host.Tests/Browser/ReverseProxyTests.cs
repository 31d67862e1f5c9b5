using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using McpActors.Chaos.Cluster;
using McpActors.Host.Tests.Processes;
using McpActors.Tests.Interop;
using static Microsoft.Playwright.Assertions;

namespace McpActors.Host.Tests.Browser;

/// <summary>The dashboard behind nginx with TLS, by the blocks of docs/operations.md.</summary>
[Collection(BrowserCollection.Name)]
public sealed class ReverseProxyTests(BrowserFixture browser) : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableTheory]
    [InlineData("as documented", "/pool")]
    [InlineData("at the root", "")]
    [InlineData("without the path", "/pool")]
    public async Task A_person_logs_in_and_operates_through_nginx(string how, string path)
    {
        var nginx = Nginx();
        var port = FreePorts.Take(1)[0];
        var address = new Uri($"https://localhost:{port}{path}/");
        using var file = new TempFile($$"""
            mcp-actors {
              pool.servers { one { uri = "ws://127.0.0.1:1" }, two { uri = "ws://127.0.0.1:2" } }
              host { public-url = "https://localhost:{{port}}{{path}}", trusted-proxies = ["127.0.0.1"] }
            }
            """);
        const string token = "an access token of the tests";
        await using var host = await HostProcess.ServeAsync(
            new Dictionary<string, string> { ["MCP_ACTORS_ACCESS_TOKEN"] = token }, "--config", file.Name);
        var configuration = await ConfigureAsync(port, Location(how, host.Client.BaseAddress!));
        using var proxy = Process.Start(nginx, ["-c", configuration, "-e", _folder.At("error.log")]);
        try
        {
            await Eventually.TrueAsync(() => ListensAsync(proxy, port));
            await using var dashboard = await browser.OpenAsync(address, options: new() { IgnoreHTTPSErrors = true });

            await dashboard.Page.GetByLabel("Access token").FillAsync(token);
            await dashboard.Button("Log in").ClickAsync();
            await Expect(dashboard.Page.Locator("tr.server")).ToHaveCountAsync(2);
            await dashboard.CommandAsync("one", "Disconnect");
            await dashboard.AnswerAsync("Disconnect");
            await Expect(dashboard.Row("one")).ToHaveAttributeAsync("data-status", "Disconnected");
            await dashboard.Page.GotoAsync(new Uri(address, "activity").ToString());
            await Expect(dashboard.Page.Locator(".feed")).ToBeVisibleAsync();
            await dashboard.Button("Log out").ClickAsync();
            await Expect(dashboard.Page.GetByLabel("Access token")).ToBeVisibleAsync();
        }
        finally
        {
            proxy.Kill(entireProcessTree: true);
            await proxy.WaitForExitAsync();
        }
    }

    private static string Nginx()
    {
        var program = Prerequisite.FindProgram("nginx");
        Prerequisite.Require(program is null ? "nginx is not installed" : null, "apt-get install nginx-light");
        return program!;
    }

    /// <summary>The blocks of the document, for this worker.</summary>
    private static (string Map, string Location) Location(string how, Uri worker)
    {
        var document = File.ReadAllText(Repository.At("docs", "operations.md"));
        var blocks = Regex.Match(document, "```nginx\n(?<map>map .*?\n)\n(?<location>location .*?)```", RegexOptions.Singleline);
        Assert.True(blocks.Success, "docs/operations.md has the blocks for nginx");
        var location = blocks.Groups["location"].Value
            .Replace("http://127.0.0.1:5000", $"http://127.0.0.1:{worker.Port}", StringComparison.Ordinal);
        Assert.Contains("location /pool/ {", location, StringComparison.Ordinal);
        return (blocks.Groups["map"].Value, how switch
        {
            "at the root" => location.Replace("location /pool/ {", "location / {", StringComparison.Ordinal),
            // With a path, even "/", nginx takes that of the location away.
            "without the path" => location.Replace($":{worker.Port};", $":{worker.Port}/;", StringComparison.Ordinal),
            _ => location,
        });
    }

    /// <summary>Writes the file of nginx, and returns its path.</summary>
    private async Task<string> ConfigureAsync(int port, (string Map, string Location) blocks)
    {
        WriteCertificate();
        var file = _folder.At("nginx.conf");
        await File.WriteAllTextAsync(file, $$"""
            daemon off; pid {{_folder.Path}}/pid; error_log {{_folder.Path}}/error.log;
            events { }
            http {
              access_log off;
              client_body_temp_path {{_folder.Path}}/a; proxy_temp_path {{_folder.Path}}/b; fastcgi_temp_path {{_folder.Path}}/c;
              uwsgi_temp_path {{_folder.Path}}/d; scgi_temp_path {{_folder.Path}}/e;
              {{blocks.Map}}
              server {
                listen 127.0.0.1:{{port}} ssl;
                ssl_certificate {{_folder.Path}}/certificate.pem; ssl_certificate_key {{_folder.Path}}/key.pem;
                {{blocks.Location}}
              }
            }
            """);
        return file;
    }

    private static async Task<bool> ListensAsync(Process proxy, int port)
    {
        using var socket = new TcpClient();
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            Assert.False(proxy.HasExited, "nginx has ended");
            return false;
        }
    }

    private void WriteCertificate()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        File.WriteAllText(_folder.At("certificate.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(_folder.At("key.pem"), key.ExportPkcs8PrivateKeyPem());
    }
}
