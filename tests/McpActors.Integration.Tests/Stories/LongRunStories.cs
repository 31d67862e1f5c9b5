using System.Globalization;
using McpActors.Configuration;
using McpActors.Tests.Failures;
using McpActors.Tests.Transports;
using Xunit;

namespace McpActors.Tests.Stories;

/// <summary>Problems of other pools after days: leftovers, and harm that the pool itself does to its servers.</summary>
public sealed class LongRunStories
{
    [Fact]
    public async Task A_server_that_forgets_its_session_again_and_again_never_gives_an_empty_success_and_leaves_no_connection_behind()
    {
        await using var server = await ScriptedHttpServer.StartAsync(sessions: true);
        await using var pool = await BadAndGood.StartAsync(server.Settings);

        for (var i = 1; i <= 50; i++)
        {
            server.ForgetSessions();
            var answer = await pool.CallAsync();
            Assert.Equal("scripted", answer.CallCompleted?.Text());
            Assert.Equal((i, i + 1), (server.Calls, server.Initialized));
        }

        await Eventually.TrueAsync(() => server.OpenConnections <= 3, "the connections of the old sessions are closed");
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task A_server_that_answers_a_forgotten_session_with_the_wrong_status_is_reconnected_too(int status)
    {
        await using var server = await ScriptedHttpServer.StartAsync(sessions: true);
        server.UnknownSessionStatus = status;
        await using var pool = await BadAndGood.StartAsync(server.Settings, BadAndGood.Patient with
        {
            Probe = new ProbeSettings { Interval = TimeSpan.FromMilliseconds(20) },
            Reconnect = new ReconnectSettings { MinBackoff = TimeSpan.FromMilliseconds(20) },
        });

        server.ForgetSessions();

        await pool.Host.UntilAsync(now => now.Servers[0] is { Status: ServerStatus.Connected, Restarts: 1 });
        Assert.Equal("bad:Succeeded => bad", (await pool.CallAsync()).Story);
    }

    [Fact]
    public async Task A_short_outage_removes_no_tool_from_the_list()
    {
        await using var server = await ScriptedHttpServer.StartAsync();
        await using var pool = await BadAndGood.StartAsync(
            server.Settings, BadAndGood.Patient with { CatalogueRefresh = TimeSpan.FromMilliseconds(20) }, alone: true);
        var refused = 0;
        server.Before = async (context, message) =>
        {
            if (message["id"] is null || Interlocked.Increment(ref refused) > 10)
                return false;
            await Scripts.Status(503)(context, message);
            return true;
        };

        await pool.CallAsync();
        await Eventually.TrueAsync(() => Volatile.Read(ref refused) > 10, "the moment is over");

        Assert.Equal([LegacyMcp.Tool], (await pool.Host.Pool.ListToolsAsync()).Tools.Select(tool => tool.Name));
        Assert.Equal("bad:Succeeded => bad", (await pool.CallAsync()).Story);
        Assert.Equal((ServerStatus.Connected, 0), ((await pool.BadAsync()).Status, (await pool.BadAsync()).Restarts));
    }

    [Theory]
    [InlineData(404, true)]
    [InlineData(404, false)]
    [InlineData(400, true)]
    [InlineData(200, true)]
    public async Task A_server_without_ping_is_not_considered_dead(int status, bool sessions)
    {
        await using var server = await ScriptedHttpServer.StartAsync(sessions);
        var pings = 0;
        server.Before = async (context, message) =>
        {
            if ((string?)message["method"] != "ping")
                return false;
            await Scripts.Error(-32601, status)(context, message);
            Interlocked.Increment(ref pings);
            return true;
        };
        await using var pool = await BadAndGood.StartAsync(
            server.Settings, BadAndGood.Patient with { Probe = new ProbeSettings { Interval = TimeSpan.FromMilliseconds(20) } });

        await Eventually.TrueAsync(() => Volatile.Read(ref pings) >= 6, "the server is probed");

        Assert.Equal((ServerStatus.Connected, 0), ((await pool.BadAsync()).Status, (await pool.BadAsync()).Restarts));
        Assert.Equal(1, server.Initialized);
    }

    [SkippableFact]
    public async Task Servers_that_are_reconnected_and_replaced_leave_no_process_behind()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "looks for processes in /proc");
        using var directory = new TemporaryDirectory();
        var pids = directory.PathOf("pids");
        var program = TestServerProcess.Settings();
        var server = program with
        {
            Name = "bad",
            Command = "sh",
            Args = ["-c", $"echo $$ >> '{pids}'; sleep 600 & exec dotnet '{program.Args[0]}' --ignore-eof"],
        };
        await using (var pool = await BadAndGood.StartAsync(server))
        {
            await pool.Host.Pool.CommandAsync(new ReconnectServer("bad"));
            await pool.Host.UntilAsync(status => status.Servers[0] is { Status: ServerStatus.Connected, Restarts: >= 1 });
            await pool.Host.Pool.CommandAsync(new UpdateServer(server with { Weight = 2 }));
            await pool.Host.UntilAsync(status =>
                status.Servers.Single(info => info.Name == "bad") is { Weight: 2, Status: ServerStatus.Connected });
        }

        var started = (await File.ReadAllLinesAsync(pids)).Select(line => int.Parse(line, CultureInfo.InvariantCulture)).ToArray();
        // A process that is too slow to connect is ended and started again.
        Assert.InRange(started.Length, 3, int.MaxValue);
        await Eventually.TrueAsync(() => !started.Any(pid => Directory.Exists($"/proc/{pid}")), "every process that was started is gone");
    }
}
