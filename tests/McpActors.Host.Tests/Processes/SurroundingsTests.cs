using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using McpActors.Host.Tests.Api;

namespace McpActors.Host.Tests.Processes;

/// <summary>The worker on machines with another language, without a home, with IPv6.</summary>
public sealed class SurroundingsTests
{
    private static readonly Dictionary<string, string> None = [];

    [Fact]
    public async Task The_language_of_the_machine_changes_no_number_and_no_name()
    {
        await using var file = File.OpenRead(Path.ChangeExtension(HostProcess.Built[^1], "runtimeconfig.json"));
        using var configuration = await JsonDocument.ParseAsync(file);

        Assert.True(configuration.RootElement.GetProperty("runtimeOptions").GetProperty("configProperties")
            .GetProperty("System.Globalization.Invariant").GetBoolean());
    }

    // /proc takes no file, not even of root.
    [SkippableFact]
    public async Task Without_a_home_and_in_a_folder_that_cannot_be_written_it_works()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "needs env and /proc");
        string[] program = ["env", "-u", "HOME", "-u", "XDG_CONFIG_HOME", "-u", "USER", "sh", "-c", "cd /proc && exec \"$@\"", "sh"];
        await using var host = await HostProcess.ServeAsync([.. program, .. HostProcess.Built], None, ["--demo-port", "0"]);
        await host.ReadyAsync(null);

        await AnswersAsync(host);
        host.Signal("TERM");

        Assert.Equal(0, (await host.EndAsync()).ExitCode);
    }

    [SkippableTheory]
    [InlineData("http://[::1]:0")]
    [InlineData("http://[::]:0")]
    public async Task It_serves_over_IPv6(string urls)
    {
        Skip.IfNot(HasIPv6(), "this machine has no IPv6");
        var environment = new Dictionary<string, string> { ["MCP_ACTORS_ACCESS_TOKEN"] = "a token that is long enough" };
        await using var host = await HostProcess.ServeAsync(environment, "--demo-port", "0", "--urls", urls);
        var address = new UriBuilder(host.Client.BaseAddress!) { Host = "[::1]" }.Uri;
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address, "/api/status"));
        request.Headers.Authorization = new("Bearer", environment.Values.Single());
        request.Headers.Add("Origin", address.GetLeftPart(UriPartial.Authority));

        var response = await host.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    // Socket.OSSupportsIPv6 is true even where no interface has an address of IPv6, as in many containers.
    private static bool HasIPv6()
    {
        try
        {
            using var listener = new TcpListener(IPAddress.IPv6Loopback, 0);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static async Task AnswersAsync(HostProcess host)
    {
        var response = await host.ExecuteAsync("""{"method":"getData"}""");

        var reply = await response.JsonAsync();
        Assert.True(reply.TryGetProperty("result", out _), reply.ToString());
        Assert.Matches("^[0-9.]+(E-?[0-9]+)?$", reply.GetProperty("elapsedMs").GetRawText());
    }
}
