using System.Globalization;
using System.Net;
using System.Net.Sockets;
using McpActors.Host.Presentation;
using McpActors.Host.Tests.Api;

namespace McpActors.Host.Tests.Processes;

public class StartTests
{
    [Fact]
    public async Task Ends_with_1_and_the_address_when_the_port_of_the_API_is_taken()
    {
        using var taken = new TakenPort();
        await using var host = HostProcess.Start("--demo-port", "0", "--urls", $"http://127.0.0.1:{taken.Number}");

        var (exitCode, error) = await host.EndAsync();

        Assert.Equal(1, exitCode);
        Assert.Equal(
            $"Failed to bind to address http://127.0.0.1:{taken.Number}: address already in use. Choose another address with --urls.",
            LastLine(error));
        AssertNoTrace(error + host.Output);
    }

    [Fact]
    public async Task Ends_with_1_and_the_address_when_the_port_of_a_demo_server_is_taken()
    {
        using var taken = new TakenPort();
        var port = taken.Number.ToString(CultureInfo.InvariantCulture);
        await using var host = HostProcess.Start("--urls", "http://127.0.0.1:0", "--demo-port", port);

        var (exitCode, error) = await host.EndAsync();

        Assert.Equal(1, exitCode);
        Assert.StartsWith(
            $"Failed to bind to address http://127.0.0.1:{port}: address already in use.", LastLine(error), StringComparison.Ordinal);
        AssertNoTrace(error + host.Output);
    }

    [Fact]
    public async Task Ends_with_3_and_every_problem_of_a_bad_configuration_before_it_opens_a_port()
    {
        using var taken = new TakenPort();
        using var file = new TempFile(
            """
            mcp-actors.pool {
              call-timeout = -1s
              load-balancing = fastest
              servers { a { uri = "ftp://x" }, b { uri = "ws://127.0.0.1:1", colour = red } }
              routes = [{ match = "regex:(", group = nobody }]
            }
            """);
        await using var host = HostProcess.Start("--config", file.Name, "--urls", $"http://127.0.0.1:{taken.Number}");

        var (exitCode, error) = await host.EndAsync();

        Assert.Equal(3, exitCode);
        Assert.All(
            ["call-timeout", "load-balancing", "servers.a.uri", "servers.b.colour", "routes"],
            key => Assert.Contains($"mcp-actors.pool.{key}", error, StringComparison.Ordinal));
        Assert.DoesNotContain("address already in use", error, StringComparison.Ordinal);
        AssertNoTrace(error + host.Output);
    }

    [Fact]
    public async Task Ends_with_3_when_the_configuration_file_is_missing()
    {
        await using var host = HostProcess.Start("--config", "/nowhere/missing.conf", "--urls", "http://127.0.0.1:0");

        var (exitCode, error) = await host.EndAsync();

        Assert.Equal(3, exitCode);
        Assert.Contains("/nowhere/missing.conf", error, StringComparison.Ordinal);
        AssertNoTrace(error + host.Output);
    }

    [Fact]
    public async Task Ends_with_1_when_an_address_is_wrong()
    {
        await using var host = HostProcess.Start("--demo-port", "0", "--urls", "http://example.org:5000");

        var (exitCode, error) = await host.EndAsync();

        Assert.Equal(1, exitCode);
        Assert.Contains("'example.org'", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ends_with_1_when_an_option_is_unknown()
    {
        await using var host = HostProcess.Start("--bogus");

        var (exitCode, error) = await host.EndAsync();

        Assert.Equal(1, exitCode);
        Assert.Contains("--bogus", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Prints_its_version()
    {
        await using var host = HostProcess.Start("--version");

        Assert.Equal(0, (await host.EndAsync()).ExitCode);
        Assert.StartsWith(ProgramVersion.Text, host.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Serves_the_servers_of_a_file_although_one_of_them_is_down()
    {
        using var file = new TempFile("""mcp-actors.pool.servers { gone { uri = "ws://127.0.0.1:1", group = g, priority = 7 } }""");
        await using var host = await HostProcess.ServeAsync("--config", file.Name);

        Assert.Contains(file.Name, host.Output, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^gone +ws://127\.0\.0\.1:1/ +g +7 +(Error: .+|Connecting)$", host.Output);
        await Eventually.TrueAsync(async () =>
        {
            var status = await (await host.Client.GetAsync("/api/status")).JsonAsync();
            return status.GetProperty("servers")[0].TryGetProperty("lastError", out _);
        });
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await host.Client.GetAsync("/health/ready")).StatusCode);
        Assert.Equal(
            HttpStatusCode.ServiceUnavailable, (await host.ExecuteAsync("""{"method":"getData","options":{"group":"g"}}""")).StatusCode);
    }

    private static string LastLine(string text) => text.TrimEnd().Split('\n')[^1].TrimEnd();

    private static void AssertNoTrace(string text) => Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);

    private sealed class TakenPort : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

        public TakenPort()
        {
            _listener.Start();
            Number = ((IPEndPoint)_listener.LocalEndpoint).Port;
        }

        public int Number { get; }

        public void Dispose() => _listener.Dispose();
    }
}
