using Akka.Actor;
using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Transports;
using Xunit;

namespace McpActors.Tests.Connections;

/// <summary>The life of a connection: opening, waiting, reconnecting, disconnecting.</summary>
public sealed class ServerConnectionActorSpecs : ServerConnectionSpec
{
    [Fact]
    public async Task Connects_at_start_and_reports_the_server()
    {
        Memory.Add("s").Tool("echo", () => "hello");
        Start();

        Assert.Equal(ServerStatus.Connecting, (await ReportAsync(_ => true)).Status);
        var report = await ReportAsync(r => r.Catalogue is not null);

        Assert.Equal(ServerStatus.Connected, report.Status);
        Assert.Equal(("2026-07-28", "s"), (report.ProtocolVersion, report.ServerName));
        Assert.Equal(["echo"], report.Catalogue!.Tools!.Keys.ToArray());
    }

    [Fact]
    public async Task A_long_name_and_version_of_the_server_are_cut()
    {
        Memory.Add("s").Method("initialize", _ => new
        {
            protocolVersion = "2025-11-25",
            capabilities = new { },
            serverInfo = new { name = new string('n', 1_000_000), version = new string('v', 1_000_000) },
        });
        Start(new ServerSettings { Name = "s", Uri = new Uri("memory://s"), ProtocolVersion = "2025-11-25" });

        var report = await ReportAsync(r => r.Status == ServerStatus.Connected);

        Assert.Equal((new string('n', 127) + "…", new string('v', 63) + "…"), (report.ServerName, report.ServerVersion));
    }

    [Fact]
    public async Task A_long_error_of_the_server_is_cut()
    {
        Memory.Add("s").Method("initialize", _ => MemoryAnswer.Error(-32603, new string('e', 1_000_000)));
        Start(new ServerSettings { Name = "s", Uri = new Uri("memory://s"), ProtocolVersion = "2025-11-25" });

        var report = await ReportAsync(r => r.Status == ServerStatus.Error);

        Assert.Equal((1000, 1000), (report.Reason!.Length, report.LastError!.Length));
    }

    [Fact]
    public async Task A_server_that_is_down_is_retried_for_ever_with_growing_waits()
    {
        var server = Memory.Add("s");
        server.Refuse();
        Start();

        var waits = new List<double>();
        for (var i = 0; i < 4; i++)
        {
            var report = await ReportAsync(r => r.Status == ServerStatus.Error);
            Assert.Equal(i + 1, report.FailedConnects);
            waits.Add((report.NextReconnect!.Value - report.LastErrorAt!.Value).TotalSeconds);
            Pass(report.NextReconnect.Value - report.LastErrorAt.Value);
        }
        Assert.Equal([1, 1.6, 2.56, 4.096], waits);

        server.Accept();
        await PassUntilAsync(() => server.Connections == 1);
        await ReportAsync(r => r is { Status: ServerStatus.Connected, FailedConnects: 0 });
    }

    [Theory]
    [InlineData(29, 1.6)]
    [InlineData(30, 1)]
    public async Task The_waits_start_over_only_after_a_connection_that_lasted(int held, double wait)
    {
        var server = Memory.Add("s");
        server.Refuse();
        Start();
        var failed = await ReportAsync(r => r.Status == ServerStatus.Error);
        server.Accept();
        Pass(failed.NextReconnect!.Value - failed.LastErrorAt!.Value);
        await ConnectedAsync();

        Pass(TimeSpan.FromSeconds(held));
        server.Disconnect();

        var lost = await ReportAsync(r => r.Status == ServerStatus.Error);
        Assert.Equal(wait, (lost.NextReconnect!.Value - lost.LastErrorAt!.Value).TotalSeconds);
    }

    [Fact]
    public async Task Stays_disconnected_until_a_command_to_connect()
    {
        var server = Memory.Add("s");
        var connection = Start();
        await ConnectedAsync();

        connection.Tell(ConnectionCommand.Disconnect);
        await ReportAsync(r => r is { Status: ServerStatus.Disconnected, Closed: true });
        await UntilAsync(() => server.Connections == 0);
        Pass(TimeSpan.FromMinutes(2), TimeSpan.FromSeconds(10));
        await HandledAsync(connection);
        Assert.Equal(0, server.Connections);

        connection.Tell(ConnectionCommand.Connect);
        await ReportAsync(r => r.Status == ServerStatus.Connected);
    }

    [Fact]
    public async Task A_reconnect_closes_the_old_connection_before_it_opens_the_new_one()
    {
        var server = Memory.Add("s");
        var connection = Start();
        await ConnectedAsync();

        connection.Tell(ConnectionCommand.Reconnect);

        await ReportAsync(r => r.Status == ServerStatus.Connecting);
        await ReportAsync(r => r is { Status: ServerStatus.Connected, Restarts: 1 });
        // The server counts the old connection until it notices its end.
        await UntilAsync(() => server.Connections == 1);
    }

    [Fact]
    public async Task A_crash_reports_running_attempts_as_lost_and_reconnects_after_a_wait()
    {
        var server = Memory.Add("s").Tool("hang", () => MemoryAnswer.Never);
        var connection = Start();
        await ConnectedAsync();
        connection.Tell(Attempt(1, "hang"));
        await UntilAsync(() => server.Received("hang") == 1);

        connection.Tell(Kill.Instance);

        Assert.Equal(AttemptOutcome.Lost, (await EndedAsync(1)).Outcome);
        await ReportAsync(r => r.Status == ServerStatus.Error);
        await UntilAsync(() => server.Connections == 0);
        await PassUntilAsync(() => server.Connections == 1);
        await ReportAsync(r => r.Status == ServerStatus.Connected);
    }

    [Fact]
    public async Task A_connection_that_opens_after_it_was_abandoned_is_closed()
    {
        var arrived = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        var server = Memory.Add("s").Method("server/discover", async (_, _) =>
        {
            arrived.TrySetResult();
            await release.Task;
            return new { };
        });
        var connection = Start();
        await arrived.Task.WaitAsync(PoolHost.Patience);

        connection.Tell(ConnectionCommand.Disconnect);
        await ReportAsync(r => r is { Status: ServerStatus.Disconnected, Closed: true });
        release.SetResult();

        await UntilAsync(() => server.Connections == 0);
    }
}
