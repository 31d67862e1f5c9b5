using McpActors.Host.Commands;
using McpActors.Host.Tests.Api;

namespace McpActors.Host.Tests.Commands;

public class StatusAndToolsTests
{
    private static readonly ServerInfo Up = new()
    {
        Name = "files",
        Endpoint = "npx",
        Group = "default",
        Priority = 1,
        Status = ServerStatus.Connected,
        Calls = 12,
        Failures = 1,
        Latency = TimeSpan.FromMilliseconds(4.2),
        LastError = "an old story",
        Tools = 14,
    };

    private static readonly ServerInfo Down = new()
    {
        Name = "search",
        Endpoint = "https://web/mcp",
        Group = "web",
        Priority = 2,
        Status = ServerStatus.Error,
        Circuit = CircuitState.Open,
        LastError = "refused\n\u001b[2J",
    };

    private const string ReadDefinition =
        """{"description":"Reads.\nA file.","annotations":{"readOnlyHint":true,"idempotentHint":true},"inputSchema":{"type":"object"}}""";

    private static readonly ToolList Tools = new(
    [
        new("read", ReadDefinition.Json(), ["a", "b"]),
        new("write\u001b[2J", """{"annotations":{"destructiveHint":true}}""".Json(), ["a"]),
    ]);

    [Fact]
    public async Task Status_is_a_table_of_the_servers()
    {
        var run = await RunAsync("status");

        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Error));
        Assert.Equal(
            """
            NAME    GROUP    PRIORITY  STATUS     CIRCUIT  IN-FLIGHT  CALLS  FAILURES  LATENCY  TOOLS  ENDPOINT         ERROR
            files   default  1         Connected  Closed   0          12     1         4.2 ms   14     npx              -
            search  web      2         Error      Open     0          0      0         -        -      https://web/mcp  refused \u001b[2J

            """,
            run.Output,
            ignoreLineEndingDifferences: true);
    }

    [Fact]
    public async Task Status_shows_until_when_a_server_is_paused()
    {
        await using var api = await StartAsync();
        var now = DateTimeOffset.UnixEpoch;
        api.Pool.OnStatus = () => new PoolStatus(
            [Up with { PausedUntil = now.AddSeconds(4) }, Down with { PausedUntil = now.AddSeconds(4) }], now);

        var run = await CommandRun.RunAsync(["status"], api.Client.BaseAddress);

        var lines = run.Output.Split('\n');
        Assert.Contains("  Paused ", lines[1], StringComparison.Ordinal);
        Assert.EndsWith("asked for a pause: calls again in 4 s", lines[1].TrimEnd(), StringComparison.Ordinal);
        Assert.Contains("  Error ", lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_of_a_host_in_a_cluster_has_a_table_of_the_nodes_too()
    {
        await using var api = await StartAsync();
        api.Pool.OnStatus = () => new PoolStatus([], DateTimeOffset.UnixEpoch);
        api.Pool.OnCluster = servers => new ClusterStatus(
            servers is []
                ?
                [
                    new NodeInfo { Address = "10.0.0.1:8110", Self = true, State = NodeState.Up,
                        Total = 3, Connected = 2, CircuitsOpen = 1, Holds = 2 },
                    new NodeInfo { Address = "10.0.0.2:8110", State = NodeState.Up, Reachable = false, Total = 3 },
                    new NodeInfo { Address = "10.0.0.3:8110", Known = false },
                ]
                : throw new InvalidOperationException("only counts are needed"),
            DateTimeOffset.UnixEpoch);

        var run = await CommandRun.RunAsync(["status"], api.Client.BaseAddress);

        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Error));
        Assert.EndsWith(
            """

            NODE           STATE        CONNECTED  CIRCUITS-OPEN  HOLDS
            10.0.0.1:8110  Up           2/3        1              2
            10.0.0.2:8110  Unreachable  0/3        0              0
            10.0.0.3:8110  Joining      -          -              -

            """,
            run.Output.ReplaceLineEndings("\n"),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tools_is_a_table_of_the_tools()
    {
        var run = await RunAsync("tools");

        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Error));
        Assert.Equal(
            """
            NAME            SERVERS  HINTS                 DESCRIPTION
            read            a,b      read-only,idempotent  Reads. A file.
            write\u001b[2J  a        destructive           -

            """,
            run.Output,
            ignoreLineEndingDifferences: true);
    }

    [Fact]
    public async Task One_tool_is_shown_with_its_whole_description_and_its_arguments() => Assert.Equal(
        """
        read  (a, b)
        Hints: read-only,idempotent

        Reads.
        A file.

        Arguments (JSON schema):
        {
          "type": "object"
        }

        """,
        (await RunAsync("tools", "read")).Output,
        ignoreLineEndingDifferences: true);

    [Fact]
    public async Task A_tool_of_no_server_is_reported()
    {
        var run = await RunAsync("tools", "raed");

        Assert.Equal((ExitCode.InvalidRequest, ""), (run.ExitCode, run.Output));
        Assert.Contains("'raed'", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/status", "status")]
    [InlineData("/api/tools", "tools")]
    public async Task Json_is_the_answer_of_the_HTTP_API(string path, string command)
    {
        await using var api = await StartAsync();

        var run = await CommandRun.RunAsync([command, "--json"], api.Client.BaseAddress);

        Assert.Equal(await api.Client.GetStringAsync(path), run.Output.TrimEnd());
    }

    [Fact]
    public async Task The_API_lists_each_tool_with_its_servers_and_definition()
    {
        await using var api = await StartAsync();

        var tool = (await (await api.Client.GetAsync("/api/tools")).JsonAsync()).GetProperty("tools")[0];

        Assert.Equal(
            $$"""{"name":"read","servers":["a","b"],"definition":{{ReadDefinition}}}""",
            tool.GetRawText());
    }

    private static async Task<CommandRun> RunAsync(params string[] args)
    {
        await using var api = await StartAsync();
        return await CommandRun.RunAsync(args, api.Client.BaseAddress);
    }

    private static async Task<ApiServer> StartAsync()
    {
        var api = await ApiServer.StartAsync();
        api.Pool.OnStatus = () => new PoolStatus([Up, Down], DateTimeOffset.UnixEpoch);
        api.Pool.OnTools = () => Tools;
        return api;
    }
}
