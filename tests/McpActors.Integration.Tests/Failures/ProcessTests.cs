using System.Diagnostics;
using McpActors.Configuration;
using McpActors.Tests.Interop;
using McpActors.Tests.Transports;
using McpActors.Transports;
using Xunit;

namespace McpActors.Tests.Failures;

/// <summary>Failures of a child process while it has calls.</summary>
public sealed class ProcessTests : IDisposable
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(3);

    private readonly TemporaryDirectory _directory = new();

    private string PidFile => _directory.PathOf("pid");

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(null, "bad:Lost => OutcomeUnknown")]
    [InlineData(true, "bad:Lost good:Succeeded => good")]
    public async Task A_process_that_exits_during_a_call_may_have_run_it(bool? safe, string story)
    {
        await using var pool = await BadAndGood.StartAsync(TestServerProcess.Settings());

        Assert.Equal(story, (await pool.CallAsync("exit", safe: safe)).Story);
    }

    [Theory]
    [InlineData(null, "bad:Lost => OutcomeUnknown")]
    [InlineData(true, "bad:Lost good:Succeeded => good")]
    public async Task A_process_that_is_killed_during_a_call_may_have_run_it_and_is_restarted(bool? safe, string story)
    {
        await using var pool = await BadAndGood.StartAsync(Shell("exec {0}"));
        var call = pool.CallAsync("wait", safe: safe);
        await WaitForCountsAsync(pool, "1 0");

        await InteropCalls.KillAsync(PidFile);

        Assert.Equal(story, (await call).Story);
        await pool.Host.UntilAsync(status => status.Servers[0] is { Status: ServerStatus.Connected, Restarts: 1, InFlight: 0 });
    }

    [Fact]
    public async Task Lines_on_stdout_that_are_not_messages_are_ignored()
    {
        await using var pool = await BadAndGood.StartAsync(
            Shell("{0} | while IFS= read -r line; do echo \"DEBUG: about to answer {{\"; printf '%s\\n' \"$line\"; done"));

        Assert.Equal("bad:Succeeded => bad", (await pool.CallAsync("echo", new { text = "heard" })).Story);
    }

    [Theory]
    [InlineData("malformed", "s/.*/{\"jsonrpc\":/")]
    [InlineData("wrong id", "s/\"id\":[0-9]*/\"id\":99999/")]
    [InlineData("nothing", "d")]
    public async Task An_unreadable_answer_ends_only_its_own_call_at_the_deadline(string what, string sed)
    {
        var pipe = "{0} | sed -u '/spoil-this/" + sed.Replace("{", "{{", StringComparison.Ordinal) + "'";
        await using var pool = await BadAndGood.StartAsync(Shell(pipe));

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
    public async Task A_process_that_is_closed_during_a_call_loses_it()
    {
        await using var pool = await BadAndGood.StartAsync(Shell("exec {0}"));
        var call = pool.CallAsync("wait");
        await WaitForCountsAsync(pool, "1 0");

        await pool.Host.Pool.CommandAsync(new DisconnectServer("bad"));

        Assert.Equal("bad:Lost => OutcomeUnknown", (await call).Story);
        await pool.Host.UntilAsync("bad", ServerStatus.Disconnected);
    }

    [Fact]
    public async Task A_process_without_a_handshake_leaves_its_server_in_error_and_the_others_serving()
    {
        var settings = BadAndGood.Patient with { ConnectTimeout = Short, StartTimeout = Short, DiscoverTimeout = Short / 2 };
        await using var pool = await BadAndGood.StartAsync(TestServerProcess.Settings("--silent"), settings, waitForBad: false);
        Assert.Equal("good:Succeeded => good", (await pool.CallAsync()).Story);

        var status = await pool.Host.UntilAsync("bad", ServerStatus.Error);

        Assert.Contains("wrote no message within 3 s after its start", status.Servers[0].LastError, StringComparison.Ordinal);
        Assert.Equal("good:Succeeded => good", (await pool.CallAsync()).Story);
    }

    [Theory]
    [InlineData("echo 'listening on port 3000'; exec sleep 60", "it wrote other lines to stdout, first `listening on port 3000`")]
    [InlineData("echo '{\"jsonrpc\":\"2.0\",\"id\":99,\"result\":{}}'; exec sleep 60", "it wrote other lines to stdout, first `{")]
    [InlineData("exec >&-; exec sleep 60", "closed its stdout and went on running")]
    public async Task What_a_program_does_in_place_of_a_handshake_is_said(string script, string words)
    {
        if (!OperatingSystem.IsLinux())
            return;
        var settings = BadAndGood.Patient with { ConnectTimeout = Short, StartTimeout = Short, DiscoverTimeout = Short / 2 };
        var program = new ServerSettings { Name = "bad", Command = "sh", Args = ["-c", script] };
        await using var pool = await BadAndGood.StartAsync(program, settings, waitForBad: false);

        var error = (await pool.Host.UntilAsync("bad", ServerStatus.Error)).Servers[0].LastError;

        Assert.Contains(words, error, StringComparison.Ordinal);
        Assert.DoesNotContain("start-timeout", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("echo 'no such option' >&2; exit 3")]
    [InlineData("read -r line; echo 'no such option' >&2; exit 3")]
    [InlineData("exec <&-; echo 'no such option' >&2; sleep 0.3; exit 3")]
    public async Task The_exit_code_and_the_last_words_of_programs_that_end_in_the_handshake_are_reported(string script)
    {
        var servers = Enumerable.Range(0, 12).Select(i => new ServerSettings { Name = $"s{i}", Command = "sh", Args = ["-c", script] });
        await using var host = await PoolHost.StartAsync(BadAndGood.Patient with { Servers = [.. servers] }, new MemoryServers());

        var status = await host.UntilAsync(status => status.Servers.All(server => server.LastError is not null));

        Assert.All(
            status.Servers,
            server => Assert.Equal("the process ended with exit code 3; its last output: no such option", server.LastError));
    }

    // As npx and uvx do the first time, and docker with a new image.
    [Fact]
    public async Task A_program_that_installs_itself_first_is_waited_for_and_the_status_shows_what_it_writes()
    {
        var settings = BadAndGood.Patient with { ConnectTimeout = Short, DiscoverTimeout = Short / 2 };
        // It takes longer than a connect may.
        await using var pool = await BadAndGood.StartAsync(
            Shell("echo one >> '" + PidFile + ".starts'; echo 'added 12 packages' >&2; sleep 5; exec {0}"), settings, waitForBad: false);

        var starting = await pool.Host.UntilAsync(status => status.Servers[0].Remarks.Count > 0);
        var status = await pool.Host.UntilAsync("bad", ServerStatus.Connected);

        Assert.Equal(ServerStatus.Connecting, starting.Servers[0].Status);
        Assert.Equal("its program starts, and writes: added 12 packages", starting.Servers[0].Remarks[0]);
        Assert.Empty(status.Servers[0].Remarks);
        Assert.Null(status.Servers[0].LastError);
        Assert.Equal("one\n", await File.ReadAllTextAsync(PidFile + ".starts"));
    }

    [Fact]
    public async Task The_time_for_the_start_is_that_of_the_server()
    {
        var server = TestServerProcess.Settings("--silent") with { StartTimeout = Short };
        var settings = BadAndGood.Patient with { ConnectTimeout = Short / 3, DiscoverTimeout = Short / 6 };
        await using var pool = await BadAndGood.StartAsync(server, settings, waitForBad: false);

        var status = await pool.Host.UntilAsync("bad", ServerStatus.Error);

        Assert.Contains("within 3 s after its start", status.Servers[0].LastError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_that_does_not_exist_leaves_its_server_in_error_and_the_others_serving()
    {
        var missing = new ServerSettings { Name = "bad", Command = "no-such-program" };
        await using var pool = await BadAndGood.StartAsync(missing, waitForBad: false);

        var status = await pool.Host.UntilAsync("bad", ServerStatus.Error);

        Assert.Contains("no-such-program", status.Servers[0].LastError, StringComparison.Ordinal);
        Assert.Equal("good:Succeeded => good", (await pool.CallAsync()).Story);
    }

    // The pipe is full while the process is stopped, so the write of the large call is still under way at its deadline.
    [Fact]
    public async Task A_call_given_up_during_its_write_does_not_damage_later_calls()
    {
        await using var pool = await BadAndGood.StartAsync(Shell("exec {0}"));
        await SignalAsync("STOP");
        var large = await pool.CallAsync("wait", new { padding = new string('x', 1024 * 1024) }, timeout: Short);
        Assert.Equal("bad:Lost => OutcomeUnknown", large.Story);

        await SignalAsync("CONT");

        // It was written completely and then cancelled.
        await WaitForCountsAsync(pool, "1 1");
        Assert.Equal(0, (await pool.BadAsync()).Restarts);
    }

    /// <summary>A shell command in which {0} is the contract server; writes the shell's process id to <see cref="PidFile"/>.</summary>
    private ServerSettings Shell(string command)
    {
        var program = TestServerProcess.Settings();
        var line = string.Format(null, command, $"dotnet '{program.Args[0]}'");
        return program with { Command = "sh", Args = ["-c", $"echo $$ > '{PidFile}'; {line}"] };
    }

    /// <summary>Waits until the server has begun and cancelled these numbers of calls of its tool "wait".</summary>
    private static async Task WaitForCountsAsync(BadAndGood pool, string counts) => await Eventually.TrueAsync(
        async () =>
        {
            var answer = await pool.CallAsync("counts", server: "bad", timeout: Short);
            return answer.CallCompleted?.Result.GetProperty("content")[0].GetProperty("text").GetString() == counts;
        },
        $"the server counts {counts}");

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{await InteropCalls.PidAsync(PidFile)}"]);
        await kill.WaitForExitAsync().WaitAsync(PoolHost.Patience);
    }
}
