using System.Text.Json;
using McpActors.Configuration;
using McpActors.Transports;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using Xunit;

namespace McpActors.Tests.Transports;

[Collection(Alone.Name)]
public sealed class ProcessTransportTests
{
    [Fact]
    public async Task A_program_receives_only_the_configured_environment()
    {
        using var notForChildren = new Variable("secret");
        var server = TestServerProcess.Settings("an argument", "--$HOME \"'") with
        {
            WorkingDirectory = Path.GetTempPath(),
            Environment = new Dictionary<string, Secret> { ["GREETING"] = Secret.FromLiteral("hello") },
        };

        var seen = await EnvironmentAsync(server);

        Assert.Equal("hello", seen.GetProperty("Variables").GetProperty("GREETING").GetString());
        Assert.False(seen.GetProperty("Variables").TryGetProperty(notForChildren.Name, out _));
        Assert.Equal(["an argument", "--$HOME \"'"], seen.GetProperty("Arguments").EnumerateArray().Skip(1).Select(a => a.GetString()));
        Assert.Equal(Path.TrimEndingDirectorySeparator(Path.GetTempPath()), seen.GetProperty("WorkingDirectory").GetString());
    }

    [Fact]
    public async Task A_program_inherits_the_whole_environment_if_configured()
    {
        using var forChildren = new Variable("inherited");

        var seen = await EnvironmentAsync(TestServerProcess.Settings() with { InheritEnvironment = true });

        Assert.Equal("inherited", seen.GetProperty("Variables").GetProperty(forChildren.Name).GetString());
    }

    [Fact]
    public async Task Variables_of_the_worker_itself_are_not_inherited()
    {
        using var token = new Variable("operates-the-pool", "MCP_ACTORS_ACCESS_TOKEN");
        using var file = new Variable("/run/secrets/token", "MCP_ACTORS_ACCESS_TOKEN_FILE");
        var server = TestServerProcess.Settings() with
        {
            InheritEnvironment = true,
            Environment = new Dictionary<string, Secret> { ["MCP_ACTORS_GIVEN"] = Secret.FromLiteral("on purpose") },
        };

        var variables = (await EnvironmentAsync(server)).GetProperty("Variables").EnumerateObject().Select(v => v.Name);

        Assert.Equal(["MCP_ACTORS_GIVEN"], variables.Where(name => name.StartsWith("MCP_ACTORS_", StringComparison.Ordinal)));
    }

    [SkippableFact]
    public async Task Closing_ends_stdin_then_asks_and_then_kills()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "signals are those of Linux");
        using var directory = new TemporaryDirectory();
        var seen = directory.PathOf("seen");
        var script = $"trap 'echo term >>{seen}' TERM; echo start >>{seen}; cat >/dev/null; echo eof >>{seen}; "
            + "while :; do sleep 0.1; done";
        var server = new ServerSettings { Name = "stubborn", Command = "sh", Args = ["-c", script] };
        var transport = Create(server, new PoolSettings { CloseTimeout = TimeSpan.FromSeconds(3) });
        await using var owned = (IAsyncDisposable)transport;
        var session = await transport.ConnectAsync();
        await Eventually.TrueAsync(() => File.Exists(seen), "the program runs");

        await session.DisposeAsync().AsTask().WaitAsync(Eventually.Guard);

        Assert.Equal(["start", "eof", "term"], await File.ReadAllLinesAsync(seen));
    }

    [Fact]
    public async Task The_error_names_a_program_that_does_not_exist()
    {
        var error = await Assert.ThrowsAsync<FileNotFoundException>(
            () => Create(new ServerSettings { Name = "files", Command = "no-such-program-anywhere" }).ConnectAsync());

        // The report of the connection adds the name of the server.
        Assert.Contains("no-such-program-anywhere", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_that_is_not_json_is_skipped()
    {
        var transport = Create(TestServerProcess.Settings("--not-json"));
        await using var owned = (IAsyncDisposable)transport;

        await using var client = await McpClient.CreateAsync(transport).WaitAsync(Eventually.Guard);

        Assert.NotEmpty(await client.ListToolsAsync());
    }

    [Fact]
    public async Task A_program_that_exits_in_the_handshake_is_reported_with_its_exit_code_and_last_output()
    {
        // Half of the close timeout limits the wait for the exit code and the last output.
        var transport = Create(TestServerProcess.Settings("--exit-on-first-message"), new PoolSettings { CloseTimeout = Eventually.Guard });
        await using var owned = (IAsyncDisposable)transport;
        // Long enough for a slow start, so that one request is sent.
        var options = new McpClientOptions { InitializationTimeout = Eventually.Guard, DiscoverProbeTimeout = Eventually.Guard };

        var closed = await Assert.ThrowsAsync<ClientTransportClosedException>(
            () => McpClient.CreateAsync(transport, options).WaitAsync(Eventually.Guard));

        var details = Assert.IsType<StdioClientCompletionDetails>(closed.Details);
        Assert.Equal(7, details.ExitCode);
        Assert.Contains("cannot read that", details.StandardErrorTail!);
    }

    private static IClientTransport Create(ServerSettings server, PoolSettings? settings = null) =>
        new TransportFactory(new MemoryServers(), settings ?? new PoolSettings(), logs: null).Create(server, new CurrentRedactor());

    private static async Task<JsonElement> EnvironmentAsync(ServerSettings server)
    {
        var transport = Create(server);
        await using var owned = (IAsyncDisposable)transport;
        await using var client = await McpClient.CreateAsync(transport).WaitAsync(Eventually.Guard);
        var result = await client.CallToolAsync("environment").AsTask().WaitAsync(Eventually.Guard);
        return JsonElement.Parse(((TextContentBlock)Assert.Single(result.Content)).Text);
    }

    /// <summary>
    /// A program that is being started must not be considered ended, and killed. <c>cat</c> returns its input, so each of many concurrently
    /// started programs can show that it lives.
    /// </summary>
    [SkippableFact]
    public async Task Programs_started_concurrently_are_not_killed()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "programs are looked for by /proc, which is Linux's");
        var sixteen = new ParallelOptions { MaxDegreeOfParallelism = 16 };
        await Parallel.ForEachAsync(Enumerable.Range(0, 200), sixteen, async (i, cancellation) =>
        {
            await using var transport = new ProcessTransport(
                new ServerSettings { Name = $"cat-{i}", Command = "cat" }, new PoolSettings(), TimeProvider.System, null);
            await using var session = await transport.ConnectAsync(cancellation);
            for (var echo = 0; echo < 20; echo++)
            {
                await session.SendMessageAsync(new JsonRpcNotification { Method = $"echo/{echo}" }, cancellation);
                var back = await session.MessageReader.ReadAsync(cancellation).AsTask().WaitAsync(Eventually.Guard, cancellation);
                Assert.Equal($"echo/{echo}", Assert.IsType<JsonRpcNotification>(back).Method);
            }
        });
    }
}
