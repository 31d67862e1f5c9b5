using System.Text.Json;
using McpActors.Configuration;
using McpActors.Transports;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using Xunit;

namespace McpActors.Tests.Transports;

public sealed class ProcessTransportTests
{
    [Fact]
    public async Task A_program_gets_what_is_configured_and_nothing_else_of_the_environment()
    {
        Environment.SetEnvironmentVariable("MCPACTORS_TEST_NOT_FOR_CHILDREN", "secret");
        var server = TestServerProcess.Settings("an argument", "--$HOME \"'") with
        {
            WorkingDirectory = Path.GetTempPath(),
            Environment = new Dictionary<string, Secret> { ["GREETING"] = Secret.FromLiteral("hello") },
        };

        var seen = await EnvironmentAsync(server);

        Assert.Equal("hello", seen.GetProperty("Variables").GetProperty("GREETING").GetString());
        Assert.False(seen.GetProperty("Variables").TryGetProperty("MCPACTORS_TEST_NOT_FOR_CHILDREN", out _));
        Assert.Equal(["an argument", "--$HOME \"'"], seen.GetProperty("Arguments").EnumerateArray().Skip(1).Select(a => a.GetString()));
        Assert.Equal(Path.TrimEndingDirectorySeparator(Path.GetTempPath()), seen.GetProperty("WorkingDirectory").GetString());
    }

    [Fact]
    public async Task A_program_gets_the_whole_environment_when_asked()
    {
        Environment.SetEnvironmentVariable("MCPACTORS_TEST_FOR_CHILDREN", "inherited");

        var seen = await EnvironmentAsync(TestServerProcess.Settings() with { InheritEnvironment = true });

        Assert.Equal("inherited", seen.GetProperty("Variables").GetProperty("MCPACTORS_TEST_FOR_CHILDREN").GetString());
    }

    [Fact]
    public async Task A_program_that_is_not_there_is_named()
    {
        var error = await Assert.ThrowsAsync<FileNotFoundException>(
            () => Create(new ServerSettings { Name = "files", Command = "no-such-program-anywhere" }).ConnectAsync());

        Assert.Contains("no-such-program-anywhere", error.Message, StringComparison.Ordinal);
        Assert.Contains("files", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_that_is_no_json_is_passed_over()
    {
        var transport = Create(TestServerProcess.Settings("--not-json"));
        await using var owned = (IAsyncDisposable)transport;

        await using var client = await McpClient.CreateAsync(transport).WaitAsync(Eventually.Guard);

        Assert.NotEmpty(await client.ListToolsAsync());
    }

    [Fact]
    public async Task A_program_that_exits_in_the_handshake_is_told_with_its_exit_code_and_last_words()
    {
        // Half of the time to close is what its end and its last words may take to be heard of.
        var transport = Create(TestServerProcess.Settings("--exit-on-first-message"), new PoolSettings { CloseTimeout = Eventually.Guard });
        await using var owned = (IAsyncDisposable)transport;
        // However long it takes to start, it is asked once.
        var options = new McpClientOptions { InitializationTimeout = Eventually.Guard, DiscoverProbeTimeout = Eventually.Guard };

        var closed = await Assert.ThrowsAsync<ClientTransportClosedException>(
            () => McpClient.CreateAsync(transport, options).WaitAsync(Eventually.Guard));

        var details = Assert.IsType<StdioClientCompletionDetails>(closed.Details);
        Assert.Equal(7, details.ExitCode);
        Assert.Contains("cannot read that", details.StandardErrorTail!);
    }

    private static IClientTransport Create(ServerSettings server, PoolSettings? settings = null) =>
        new TransportFactory(new MemoryServers(), settings ?? new PoolSettings(), logs: null).Create(server);

    private static async Task<JsonElement> EnvironmentAsync(ServerSettings server)
    {
        var transport = Create(server);
        await using var owned = (IAsyncDisposable)transport;
        await using var client = await McpClient.CreateAsync(transport).WaitAsync(Eventually.Guard);
        var result = await client.CallToolAsync("environment").AsTask().WaitAsync(Eventually.Guard);
        return JsonElement.Parse(((TextContentBlock)Assert.Single(result.Content)).Text);
    }

    /// <summary>
    /// A program that is looked for while it is just being started must not be taken for one that has ended, and killed: <c>cat</c> sends back
    /// what it is sent, so each of many started side by side can show that it lives.
    /// </summary>
    [SkippableFact]
    public async Task Programs_started_side_by_side_are_left_alone()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "programs are looked for by /proc, which is Linux's");
        await Parallel.ForEachAsync(Enumerable.Range(0, 200), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, cancellation) =>
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
