using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using McpActors.Chaos.Cluster;
using McpActors.Host.Tests.Processes;
using static Microsoft.Playwright.Assertions;

namespace McpActors.Host.Tests.Browser;

/// <summary>The dashboard behind nginx with TLS, by the blocks of docs/operations.md.</summary>
[Collection(BrowserCollection.Name)]
public sealed class ReverseProxyTests(BrowserFixture browser) : IDisposable
{
    private const string RequireVariable = "MCPACTORS_REQUIRE_INTEROP";

    private readonly string _folder = Directory.CreateTempSubdirectory("mcpactors-nginx-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

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
        using var proxy = await StartAsync(nginx, port, Location(how, host.Client.BaseAddress!));
        try
        {
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
        var program = $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin".Split(':')
            .Select(folder => Path.Combine(folder, "nginx"))
            .FirstOrDefault(File.Exists);
        const string Missing = "nginx is not installed (apt-get install nginx-light)";
        if (program is null && Environment.GetEnvironmentVariable(RequireVariable) == "1")
            throw new InvalidOperationException(Missing);
        Skip.If(program is null, Missing);
        return program!;
    }

    /// <summary>The blocks of the document, for this worker.</summary>
    private static (string Map, string Location) Location(string how, Uri worker)
    {
        var document = File.ReadAllText(RepositoryFile("docs/operations.md"));
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

    private async Task<Process> StartAsync(string nginx, int port, (string Map, string Location) blocks)
    {
        WriteCertificate();
        var file = Path.Combine(_folder, "nginx.conf");
        await File.WriteAllTextAsync(file, $$"""
            daemon off; pid {{_folder}}/pid; error_log {{_folder}}/error.log;
            events { }
            http {
              access_log off;
              client_body_temp_path {{_folder}}/a; proxy_temp_path {{_folder}}/b; fastcgi_temp_path {{_folder}}/c;
              uwsgi_temp_path {{_folder}}/d; scgi_temp_path {{_folder}}/e;
              {{blocks.Map}}
              server {
                listen 127.0.0.1:{{port}} ssl;
                ssl_certificate {{_folder}}/certificate.pem; ssl_certificate_key {{_folder}}/key.pem;
                {{blocks.Location}}
              }
            }
            """);
        var proxy = Process.Start(nginx, ["-c", file, "-e", $"{_folder}/error.log"]);
        await Eventually.TrueAsync(async () =>
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
        });
        return proxy;
    }

    private void WriteCertificate()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        File.WriteAllText(Path.Combine(_folder, "certificate.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(_folder, "key.pem"), key.ExportPkcs8PrivateKeyPem());
    }

    private static string RepositoryFile(string path)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "McpActors.sln")))
            folder = folder.Parent!;
        return Path.Combine(folder.FullName, path);
    }
}
