using System.Net.Http.Json;
using System.Text.Json;
using McpActors.Host.Tests.Api;

namespace McpActors.Host.Tests.Processes;

/// <summary>The commands in processes of their own, against a real host.</summary>
public class CommandProcessTests(DemoHost demo) : IClassFixture<DemoHost>
{
    [Fact]
    public async Task A_tool_of_a_running_host_is_called_and_its_answer_can_be_piped_on()
    {
        var host = demo.Process;
        await using var call = HostProcess.Start(At(host), "call", "getData", "{}", "--server", "backup-server");
        var (exitCode, error) = await call.EndAsync();

        Assert.Equal((0, """{"source":"backup"}"""), (exitCode, call.Output.TrimEnd()));
        Assert.Matches(@"^backup-server answered in [0-9.]+ m?s\.\s*$", error);
    }

    [Fact]
    public async Task A_call_that_fails_ends_with_the_exit_code_of_its_kind()
    {
        var host = demo.Process;
        await using var call = HostProcess.Start(At(host), "call", "getData", "--server", "nobody", "--json");
        var (exitCode, error) = await call.EndAsync();

        Assert.Equal(7, exitCode);
        Assert.Equal("UnknownServer", call.Output.Json().GetProperty("error").GetProperty("kind").GetString());
        Assert.StartsWith("UnknownServer: ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ctrl_C_ends_a_call_here_and_on_its_server()
    {
        var host = demo.Process;
        await using var call = HostProcess.Start(At(host), "call", "countDown", """{"seconds": 60}""", "--timeout", "2m");
        await Eventually.TrueAsync(async () => await InFlightAsync(host) == 1);

        call.Signal("INT");
        var (exitCode, error) = await call.EndAsync();

        Assert.Equal(130, exitCode);
        Assert.StartsWith("Cancelled: The call was cancelled", error, StringComparison.Ordinal);
        await Eventually.TrueAsync(async () => await InFlightAsync(host) == 0);
    }

    [Fact]
    public async Task Run_serves_as_the_program_does_without_a_verb()
    {
        await using var host = HostProcess.Start("run", "--demo-port", "0", "--urls", "http://example.org:5000");

        var (exitCode, error) = await host.EndAsync();

        Assert.Equal(1, exitCode);
        Assert.Contains("'example.org'", error, StringComparison.Ordinal);
    }

    private static Dictionary<string, string> At(HostProcess host) => new() { ["MCP_ACTORS_URL"] = host.Client.BaseAddress!.ToString() };

    private static async Task<int> InFlightAsync(HostProcess host)
    {
        var status = await host.Client.GetFromJsonAsync<JsonElement>("/api/status");
        return status.GetProperty("servers").EnumerateArray().Sum(server => server.GetProperty("inFlight").GetInt32());
    }
}
