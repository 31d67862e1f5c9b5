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
    public async Task A_program_receives_only_the_configured_environment()
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
    public async Task A_program_inherits_the_whole_environment_if_configured()
    {
        Environment.SetEnvironmentVariable("MCPACTORS_TEST_FOR_CHILDREN", "inherited");

        var seen = await EnvironmentAsync(TestServerProcess.Settings() with { InheritEnvironment = true });

        Assert.Equal("inherited", seen.GetProperty("Variables").GetProperty("MCPACTORS_TEST_FOR_CHILDREN").GetString());
    }

    [Fact]
    public async Task The_error_names_a_program_that_does_not_exist()
    {
        var error = await Assert.ThrowsAsync<FileNotFoundException>(
            () => Create(new ServerSettings { Name = "files", Command = "no-such-program-anywhere" }).ConnectAsync());

        Assert.Contains("no-such-program-anywhere", error.Message, StringComparison.Ordinal);
        Assert.Contains("files", error.Message, StringComparison.Ordinal);
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
