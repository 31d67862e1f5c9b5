using System.Text.RegularExpressions;
using McpActors.Host.Commands;
using McpActors.Host.Demo;
using McpActors.Host.Presentation;
using McpActors.Host.Tests.Api;
using McpActors.Host.Tests.Processes;

namespace McpActors.Host.Tests.Commands;

/// <summary><c>mcp-actors check</c> against real servers.</summary>
public class CheckTests
{
    // A server is no longer in error while it is being retried.
    private const string TriedOnce = "reconnect.min-backoff = 50s";

    [Fact]
    public async Task A_valid_file_is_reported_with_the_tools_of_each_server()
    {
        await using var demo = await DemoServers.StartAsync(firstPort: 0, TimeProvider.System);
        using var file = new TempFile(Configuration(demo));

        var run = await CommandRun.RunAsync(["check", file.Name]);

        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Error));
        Assert.StartsWith($"{file.Name}: valid; servers: 3, 3 connected", run.Output, StringComparison.Ordinal);
        Assert.Matches(
            @"(?m)^secondary-server +default +Connected +2026-07-28 +3 +0 +0 +ws://127\.0\.0\.1:\d+/ +secondary-server "
                + Regex.Escape(ProgramVersion.Text),
            run.Output);
        Assert.Contains("secondary-server: countDown, countWords, getData", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_valid_file_is_reported_as_JSON_for_scripts()
    {
        await using var demo = await DemoServers.StartAsync(firstPort: 0, TimeProvider.System);
        using var file = new TempFile(Configuration(demo));

        var json = (await CommandRun.RunAsync(["check", file.Name, "--json"])).Output.Json();

        Assert.Equal((file.Name, 0), (json.GetProperty("file").GetString(), json.GetProperty("problems").GetArrayLength()));
        var server = json.GetProperty("servers")[2];
        Assert.Equal(("backup-server", "Connected"), (server.GetProperty("name").GetString(), server.GetProperty("status").GetString()));
        Assert.Equal(["countDown", "getData", "takeTicket"], server.GetProperty("tools").EnumerateArray().Select(tool => tool.GetString()));
        Assert.Equal((0, 0), (server.GetProperty("resources").GetInt32(), server.GetProperty("prompts").GetInt32()));
        Assert.False(server.TryGetProperty("error", out _));
    }

    [Fact]
    public async Task Every_wrong_key_is_reported_with_its_path_and_nothing_is_started()
    {
        using var started = new TempFile("");
        File.Delete(started.Name);
        using var file = new TempFile($$"""
            mcp-actors.pool {
              servers { a { command = touch, args = ["{{started.Name}}"] }, b { url = "ws://x" } }
              load-balancing = fastest
            }
            mcp-actors.host { acess-token = x }
            """);

        var run = await CommandRun.RunAsync(["check", file.Name]);

        Assert.Equal((ExitCode.InvalidConfiguration, ""), (run.ExitCode, run.Output));
        Assert.All(
            ["mcp-actors.pool.servers.b.url: ", "mcp-actors.pool.load-balancing: ", "mcp-actors.host.acess-token: "],
            path => Assert.Contains(path, run.Error, StringComparison.Ordinal));
        Assert.False(File.Exists(started.Name));
    }

    [Fact]
    public async Task A_missing_secret_is_reported_and_JSON_names_its_key()
    {
        using var file = new TempFile(
            """mcp-actors.pool.servers { a { uri = "ws://127.0.0.1:1", auth { type = token, token-env = NOT_SET_IN_ANY_TEST } } }""");

        var run = await CommandRun.RunAsync(["check", file.Name, "--json"]);

        Assert.Equal(ExitCode.Misconfigured, run.ExitCode);
        var problem = Assert.Single(run.Output.Json().GetProperty("problems").EnumerateArray());
        Assert.Equal("mcp-actors.pool.servers.a.auth.token-env", problem.GetProperty("path").GetString());
        Assert.Contains("NOT_SET_IN_ANY_TEST", problem.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_misconfigured_is_reported_and_the_others_are_listed()
    {
        await using var demo = await DemoServers.StartAsync(firstPort: 0, TimeProvider.System);
        using var file = new TempFile(Configuration(demo) + """
            mcp-actors.pool.servers { bad { url = "ws://x" }, "not good" { command = x } }
            """);

        var run = await CommandRun.RunAsync(["check", file.Name]);

        Assert.Equal(ExitCode.Misconfigured, run.ExitCode);
        Assert.StartsWith(
            $"{file.Name}: valid except for 2 servers, which are left out; servers: 5, 3 connected",
            run.Output,
            StringComparison.Ordinal);
        Assert.Contains("bad: Misconfigured: url: is not a known key; did you mean `uri`?", run.Error, StringComparison.Ordinal);
        Assert.Contains("not-good: Misconfigured: a name cannot have the character ` `", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_connecting_a_misconfigured_server_and_the_notes_are_reported()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.At("mcp.json"), """
            { "mcpServers": { "My Server": { "command": "x", "disabledTools": ["t"] }, "bad": {},
              "off": { "command": "x", "enabled": "no" } } }
            """);
        File.WriteAllText(folder.At("pool.conf"), "mcp-actors.pool.import = [\"mcp.json\"]");

        var run = await CommandRun.RunAsync(["check", "--no-connect", folder.At("pool.conf"), "--json"]);

        Assert.Equal(ExitCode.Misconfigured, run.ExitCode);
        var json = run.Output.Json();
        Assert.Equal(["mcp-actors.pool.servers.bad"], Paths(json.GetProperty("problems")));
        Assert.Equal(
            ["mcp-actors.pool.servers.My-Server", "mcp-actors.pool.servers.My-Server.disabledTools"], Paths(json.GetProperty("notes")));
        Assert.Contains("note: mcp-actors.pool.servers.My-Server: its name there, \"My Server\"", run.Error, StringComparison.Ordinal);

        static IEnumerable<string?> Paths(System.Text.Json.JsonElement problems) =>
            problems.EnumerateArray().Select(problem => problem.GetProperty("path").GetString());
    }

    [Fact]
    public async Task A_server_that_is_down_is_reported_and_the_others_are_listed()
    {
        await using var demo = await DemoServers.StartAsync(firstPort: 0, TimeProvider.System);
        using var file = new TempFile(
            Configuration(demo) + $$"""mcp-actors.pool { {{TriedOnce}}, servers.gone { uri = "ws://127.0.0.1:1" } }""");

        var run = await CommandRun.RunAsync(["check", file.Name]);

        Assert.Equal(ExitCode.NotConnected, run.ExitCode);
        Assert.Contains("servers: 4, 3 connected", run.Output, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^gone +default +Error +- +- +- +- +ws://127\.0\.0\.1:1/ +-$", run.Output);
        Assert.StartsWith("gone: ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_does_not_speak_MCP_is_reported_in_one_harmless_line()
    {
        await using var api = await ApiServer.StartAsync();
        using var file = new TempFile($$"""
            mcp-actors.pool.{{TriedOnce}}
            mcp-actors.pool.servers {
              web { uri = "{{api.Client.BaseAddress}}", protocol-version = "2025-11-25" }
              dies { command = sh, args = ["-c", "printf '\\033[2J' >&2; exit 3"], protocol-version = "2025-11-25" }
            }
            """);

        var run = await CommandRun.RunAsync(["check", file.Name, "--json"]);

        Assert.Equal(ExitCode.NotConnected, run.ExitCode);
        Assert.Equal(["web", "dies"], run.Error.TrimEnd().Split('\n').Select(line => line.Split(':')[0]));
        Assert.DoesNotContain('\u001b', run.Output + run.Error);
        Assert.All(
            run.Output.Json().GetProperty("servers").EnumerateArray(),
            server => Assert.Equal("Error", server.GetProperty("status").GetString()));
    }

    [Fact]
    public async Task No_secret_of_the_file_is_shown()
    {
        using var file = new TempFile("""
            mcp-actors.pool.servers {
              program {
                command = sh, args = ["-c", "echo $SECRET >&2; exit 3"], env { SECRET = planted-in-env-1 }
                protocol-version = "2025-11-25"
              }
              web { uri = "http://127.0.0.1:1/mcp?key=planted-in-query-2", auth { type = token, token = planted-token-3 } }
            }
            """);

        foreach (var option in new[] { "--json", "--timeout=20s" })
        {
            var run = await CommandRun.RunAsync(["check", file.Name, option]);

            Assert.Equal(ExitCode.NotConnected, run.ExitCode);
            Assert.DoesNotContain("planted-", run.Output + run.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_silent_server_is_given_up_at_the_time_limit()
    {
        using var file = new TempFile("""mcp-actors.pool.servers { silent { command = sleep, args = ["600"] } }""");

        var run = await CommandRun.RunAsync(["check", file.Name, "--timeout", "100ms"]);

        Assert.Equal(ExitCode.NotConnected, run.ExitCode);
        Assert.Equal("silent: not connected within 0.1 s", run.Error.TrimEnd());
    }

    [Fact]
    public async Task Without_connecting_only_the_file_is_read()
    {
        using var file = new TempFile("""mcp-actors.pool.servers { gone { uri = "ws://127.0.0.1:1" } }""");

        var run = await CommandRun.RunAsync(["check", "--no-connect", file.Name]);

        Assert.Equal((ExitCode.Done, $"{file.Name}: valid; servers: 1"), (run.ExitCode, run.Output.TrimEnd()));
    }

    [Fact]
    public async Task It_can_be_stopped()
    {
        using var file = new TempFile("""mcp-actors.pool.servers { silent { command = sleep, args = ["600"] } }""");
        using var interrupt = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));

        var run = await CommandRun.RunAsync(["check", file.Name], cancellation: interrupt.Token);

        Assert.Equal((ExitCode.Cancelled, "Cancelled: The command was stopped before it was done."), (run.ExitCode, run.Error.TrimEnd()));
    }

    [Fact]
    public async Task A_missing_file_is_reported()
    {
        var run = await CommandRun.RunAsync(["check", "/nowhere/missing.conf"]);

        Assert.Equal(ExitCode.InvalidConfiguration, run.ExitCode);
        Assert.Contains("/nowhere/missing.conf: there is no such file", run.Error, StringComparison.Ordinal);
    }

    private static string Configuration(DemoServers demo) => string.Concat(demo.Pool.Servers.Select(server =>
        $$"""
        mcp-actors.pool.servers.{{server.Name}} { uri = "{{server.Uri}}", auth { type = token, token = {{server.Token!.Resolve()}} } }

        """));
}
