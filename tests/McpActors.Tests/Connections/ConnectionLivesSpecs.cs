using Akka.Actor;
using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Tests.Transports;
using Xunit;

namespace McpActors.Tests.Connections;

/// <summary>One life of a connection after the other, over crashes of the actor: nothing of one is seen in the next.</summary>
public sealed class ConnectionLivesSpecs : ServerConnectionSpec
{
    // Longer than a program that ignores everything but SIGKILL takes to end.
    private PoolSettings Patient => Pool with { CloseTimeout = PoolHost.Patience };

    [Fact]
    public async Task A_crash_keeps_the_catalogue_and_the_count_of_restarts()
    {
        Memory.Add("s").Tool("echo", () => 1);
        var connection = Start();
        await ConnectedAsync();

        for (var restarts = 1; restarts <= 2; restarts++)
        {
            connection.Tell(Kill.Instance);
            var failed = await ReportAsync(r => r.Status == ServerStatus.Error);
            Assert.Equal(["echo"], failed.Catalogue!.Tools!.Keys.ToArray());
            Assert.StartsWith("internal error", failed.LastError, StringComparison.Ordinal);
            await HandledAsync(connection);
            Pass(TimeSpan.FromSeconds(2));
            Assert.Equal(restarts, (await ReportAsync(r => r.Status == ServerStatus.Connected)).Restarts);
        }
    }

    [Fact]
    public async Task Crashes_in_a_row_are_followed_by_growing_waits()
    {
        Memory.Add("s");
        var connection = Start();
        var waits = new List<double>();
        for (var i = 0; i < 4; i++)
        {
            await ReportAsync(r => r.Status == ServerStatus.Connected);
            connection.Tell(Kill.Instance);
            var failed = await ReportAsync(r => r.Status == ServerStatus.Error);
            waits.Add((failed.NextReconnect!.Value - failed.LastErrorAt!.Value).TotalSeconds);
            await HandledAsync(connection);
            Pass(failed.NextReconnect.Value - failed.LastErrorAt.Value);
        }

        Assert.Equal([1, 1.6, 2.56, 4.096], waits);
    }

    [SkippableFact]
    public async Task After_a_crash_the_next_process_starts_when_the_last_one_is_gone()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "programs of sh, looked for by /proc, which is Linux\'s");
        using var folder = new TemporaryDirectory();
        var program = TestServerProcess.Settings("--ignore-eof");
        var connection = Start(Alone(folder, $"exec dotnet '{program.Args[0]}' --ignore-eof"), Patient);
        await ConnectedAsync();

        connection.Tell(Kill.Instance);
        await ReportAsync(r => r.Status == ServerStatus.Error);
        await HandledAsync(connection);
        Pass(TimeSpan.FromSeconds(2));

        Assert.Equal(1, (await ReportAsync(r => r.Status == ServerStatus.Connected)).Restarts);
        Assert.Equal(2, Starts(folder).Length);
        Assert.False(File.Exists(Path.Combine(folder.Path, "beside")), "two processes ran side by side");
        connection.Tell(ConnectionCommand.Disconnect);
        await ReportAsync(r => r.Closed);
    }

    [SkippableFact]
    public async Task An_opening_that_is_abandoned_counts_as_closed_when_its_process_is_gone()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "programs of sh, looked for by /proc, which is Linux\'s");
        using var folder = new TemporaryDirectory();
        var connection = Start(Alone(folder, "trap '' TERM; while :; do sleep 1; done"), Patient);
        await UntilAsync(() => Starts(folder).Length == 1);

        connection.Tell(ConnectionCommand.Disconnect);
        Assert.False((await ReportAsync(r => r.Status == ServerStatus.Disconnected)).Closed);
        await ReportAsync(r => r.Closed);

        Assert.False(IsRunning(Starts(folder)[0]), "the process outlives the report of its end");
    }

    [SkippableFact]
    public async Task A_command_to_connect_waits_for_the_end_of_an_abandoned_opening()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "programs of sh, looked for by /proc, which is Linux\'s");
        using var folder = new TemporaryDirectory();
        var connection = Start(Alone(folder, "trap '' TERM; while :; do sleep 1; done"), Patient);
        await UntilAsync(() => Starts(folder).Length == 1);

        connection.Tell(ConnectionCommand.Disconnect);
        connection.Tell(ConnectionCommand.Connect);

        await UntilAsync(() => Starts(folder).Length == 2);
        Assert.False(File.Exists(Path.Combine(folder.Path, "beside")), "two processes ran side by side");
        connection.Tell(ConnectionCommand.Disconnect);
        await ReportAsync(r => r.Closed);
    }

    /// <summary>A program that notes its start, and whether an earlier start of it still runs.</summary>
    private static ServerSettings Alone(TemporaryDirectory folder, string program) => new()
    {
        Name = "s",
        Command = "sh",
        Args =
        [
            "-c",
            $"""
            cd '{folder.Path}'
            for earlier in $(cat starts 2>/dev/null); do
              [ -d /proc/$earlier ] && ! grep -q '^State:.*Z' /proc/$earlier/status && touch beside
            done
            echo $$ >> starts
            {program}
            """,
        ],
    };

    private static int[] Starts(TemporaryDirectory folder)
    {
        var file = Path.Combine(folder.Path, "starts");
        return File.Exists(file) ? [.. File.ReadAllText(file).Split('\n')[..^1].Select(int.Parse)] : [];
    }

    private static bool IsRunning(int process)
    {
        try
        {
            return !File.ReadAllText($"/proc/{process}/status").Contains("State:\tZ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }
}
