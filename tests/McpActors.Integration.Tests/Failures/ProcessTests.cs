using System.Diagnostics;
using McpActors.Configuration;
using McpActors.Tests.Interop;
using McpActors.Tests.Transports;
using Xunit;

namespace McpActors.Tests.Failures;

/// <summary>What a child process does to the calls it was given.</summary>
public sealed class ProcessTests : IDisposable
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(3);

    private readonly TemporaryDirectory _directory = new();

    private string PidFile => _directory.PathOf("pid");

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(null, "bad:Lost => OutcomeUnknown")]
    [InlineData(true, "bad:Lost good:Succeeded => good")]
    public async Task A_process_that_exits_under_a_call_may_have_run_it(bool? safe, string story)
    {
        await using var pool = await BadAndGood.StartAsync(TestServerProcess.Settings());

        Assert.Equal(story, (await pool.CallAsync("exit", safe: safe)).Story);
    }

    [Theory]
    [InlineData(null, "bad:Lost => OutcomeUnknown")]
    [InlineData(true, "bad:Lost good:Succeeded => good")]
    public async Task A_process_that_is_killed_under_a_call_may_have_run_it_and_is_started_again(bool? safe, string story)
    {
        await using var pool = await BadAndGood.StartAsync(Shell("exec {0}"));
        var call = pool.CallAsync("wait", safe: safe);
        await WaitForCountsAsync(pool, "1 0");

        await InteropCalls.KillAsync(PidFile);

        Assert.Equal(story, (await call).Story);
        await pool.Host.UntilAsync(status => status.Servers[0] is { Status: ServerStatus.Connected, Restarts: 1, InFlight: 0 });
    }

    [Fact]
    public async Task Words_on_stdout_that_are_no_messages_disturb_nothing()
    {
        await using var pool = await BadAndGood.StartAsync(
            Shell("{0} | while IFS= read -r line; do echo \"DEBUG: about to answer {{\"; printf '%s\\n' \"$line\"; done"));

        Assert.Equal("bad:Succeeded => bad", (await pool.CallAsync("echo", new { text = "heard" })).Story);
    }

    [Theory]
    [InlineData("malformed", "s/.*/{\"jsonrpc\":/")]
    [InlineData("wrong id", "s/\"id\":[0-9]*/\"id\":99999/")]
    [InlineData("nothing", "d")]
    public async Task An_answer_that_cannot_be_read_ends_its_call_at_the_deadline_and_no_other(string what, string sed)
    {
        await using var pool = await BadAndGood.StartAsync(Shell("{0} | sed -u '/spoil-this/" + sed.Replace("{", "{{", StringComparison.Ordinal) + "'"));

        var spoilt = pool.CallAsync("echo", new { text = "spoil-this" }, timeout: Short);
        var other = pool.CallAsync("echo", new { text = what });

        Assert.Equal("bad:Lost => OutcomeUnknown", (await spoilt).Story);
        Assert.Equal("bad:Succeeded => bad", (await other).Story);
    }

    [Fact]
    public async Task Of_two_replies_one_counts()
    {
        await using var pool = await BadAndGood.StartAsync(Shell("{0} | sed -u '/say-it-twice/p'"));

        for (var i = 0; i < 3; i++)
            Assert.Equal("say-it-twice", (await pool.CallAsync("echo", new { text = "say-it-twice" })).CallCompleted?.Text());

        Assert.Equal((3L, 0L, 0), await pool.BadAsync() is var bad ? (bad.Calls, bad.Failures, bad.InFlight) : default);
    }

    [Fact]
    public async Task A_process_that_is_closed_under_a_call_loses_it()
    {
        await using var pool = await BadAndGood.StartAsync(Shell("exec {0}"));
        var call = pool.CallAsync("wait");
        await WaitForCountsAsync(pool, "1 0");

        await pool.Host.Pool.CommandAsync(new DisconnectServer("bad"));

        Assert.Equal("bad:Lost => OutcomeUnknown", (await call).Story);
        await pool.Host.UntilAsync("bad", ServerStatus.Disconnected);
    }

    [Fact]
    public async Task A_process_that_never_shakes_hands_leaves_its_server_in_error_and_the_others_serving()
    {
        var settings = BadAndGood.Patient with { ConnectTimeout = Short, DiscoverTimeout = Short / 2 };
        await using var pool = await BadAndGood.StartAsync(TestServerProcess.Settings("--silent"), settings, waitForBad: false);
        Assert.Equal("good:Succeeded => good", (await pool.CallAsync()).Story);

        await pool.Host.UntilAsync("bad", ServerStatus.Error);

        Assert.Equal("good:Succeeded => good", (await pool.CallAsync()).Story);
    }

    [Fact]
    public async Task A_program_that_does_not_exist_leaves_its_server_in_error_and_the_others_serving()
    {
        await using var pool = await BadAndGood.StartAsync(new ServerSettings { Name = "bad", Command = "no-such-program" }, waitForBad: false);

        var status = await pool.Host.UntilAsync("bad", ServerStatus.Error);

        Assert.Contains("no-such-program", status.Servers[0].LastError, StringComparison.Ordinal);
        Assert.Equal("good:Succeeded => good", (await pool.CallAsync()).Story);
    }

    // The pipe is full while the process is stopped: the write of the large call is still under way when its time is up.
    [Fact]
    public async Task A_call_given_up_while_it_is_being_written_spoils_no_later_one()
    {
        await using var pool = await BadAndGood.StartAsync(Shell("exec {0}"));
        await SignalAsync("STOP");
        var large = await pool.CallAsync("wait", new { padding = new string('x', 1024 * 1024) }, timeout: Short);
        Assert.Equal("bad:Lost => OutcomeUnknown", large.Story);

        await SignalAsync("CONT");

        // It was written to its end, and cancelled then.
        await WaitForCountsAsync(pool, "1 1");
        Assert.Equal(0, (await pool.BadAsync()).Restarts);
    }

    /// <summary>The contract server behind a shell command in which {0} stands for it; the shell's process id is written to <see cref="PidFile"/>.</summary>
    private ServerSettings Shell(string command)
    {
        var program = TestServerProcess.Settings();
        var line = string.Format(null, command, $"dotnet '{program.Args[0]}'");
        return program with { Command = "sh", Args = ["-c", $"echo $$ > '{PidFile}'; {line}"] };
    }

    /// <summary>Waits until the server has begun and cancelled so many calls of its tool "wait".</summary>
    private static async Task WaitForCountsAsync(BadAndGood pool, string counts) => await Eventually.TrueAsync(
        async () => (await pool.CallAsync("counts", server: "bad", timeout: Short)).CallCompleted?.Result.GetProperty("content")[0].GetProperty("text").GetString() == counts,
        $"the server counts {counts}");

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{await InteropCalls.PidAsync(PidFile)}"]);
        await kill.WaitForExitAsync().WaitAsync(PoolHost.Patience);
    }
}
