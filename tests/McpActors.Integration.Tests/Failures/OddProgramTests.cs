using McpActors.Configuration;
using Xunit;

namespace McpActors.Tests.Failures;

/// <summary>Programs whose messages break the rules. They are shell scripts that answer whatever request comes.</summary>
public sealed class OddProgramTests
{
    private const string Handshake = ShellServer.Handshake;

    [SkippableTheory]
    [InlineData("\"jsonrpc\":\"2.0\",\"id\":$id.0", Handshake)]
    [InlineData("\"jsonrpc\":\"2.0\",\"id\":\"$id\"", Handshake)]
    [InlineData("\"id\":${id}e0", Handshake)]
    [InlineData("\"id\":$id", """{"capabilities":[],"serverInfo":null}""")]
    [InlineData("\"id\":$id", """{"protocolVersion":"2025-09-01","capabilities":{"tools":[],"experimental":[]}}""")]
    public async Task Its_answers_are_understood(string envelope, string handshake)
    {
        await using var pool = await BadAndGood.StartAsync(Program(envelope, handshake, "hello"), alone: true);

        Assert.Equal("bad:Succeeded => bad", (await pool.CallAsync()).Story);
    }

    [SkippableTheory]
    [InlineData("printf 'Loading 100%% '")]
    [InlineData("printf '> {\"progress\":1} '")]
    [InlineData("printf '\\033[?25h'")]
    [InlineData("printf '\\357\\273\\277'")]
    public async Task Words_without_a_line_end_do_not_cost_the_answer_after_them(string print)
    {
        var program = Program("\"jsonrpc\":\"2.0\",\"id\":$id", Handshake, "hello", print);
        await using var pool = await BadAndGood.StartAsync(program, alone: true);

        Assert.Equal("bad:Succeeded => bad", (await pool.CallAsync()).Story);
    }

    [SkippableTheory]
    [InlineData("starting")]
    [InlineData("[INFO] starting")]
    [InlineData("{\"level\":\"info\",\"msg\":\"starting\"}")]
    [InlineData("{\"id\":\"step\",\"msg\":\"starting\"}")]
    [InlineData("{'a': 1}")]
    public async Task A_program_may_log_much_on_stdout(string line)
    {
        var log = $"yes '{line.Replace("'", "'\\''", StringComparison.Ordinal)}' | head -n 5000";
        await using var pool = await BadAndGood.StartAsync(Program("\"id\":$id", Handshake, "hello", log), alone: true);

        for (var i = 0; i < 3; i++)
            Assert.Equal("bad:Succeeded => bad", (await pool.CallAsync()).Story);
        Assert.Equal(0, (await pool.BadAsync()).Restarts);
    }

    [SkippableTheory]
    [InlineData("1.5")]
    [InlineData("123456789012345678901234567890")]
    public async Task Its_request_is_refused_with_the_id_as_it_came(string id)
    {
        var ask = $$"""
            echo '{"jsonrpc":"2.0","id":{{id}},"method":"roots/list"}'; read -r reply; case $reply in *'"id":{{id}},'*) ;; *) exit 3 ;; esac
            """;
        await using var pool = await BadAndGood.StartAsync(Program("\"id\":$id", Handshake, "hello", ask.Trim()), alone: true);

        Assert.Equal("bad:Succeeded => bad", (await pool.CallAsync()).Story);
    }

    [SkippableFact]
    public async Task Half_a_surrogate_pair_in_its_answer_is_the_replacement_character()
    {
        await using var pool = await BadAndGood.StartAsync(Program("\"id\":$id", Handshake, @"half \ud800"), alone: true);

        var result = (await pool.CallAsync()).CallCompleted!.Result;

        Assert.Equal("half \uFFFD", result.GetProperty("content")[0].GetProperty("text").GetString());
    }

    [SkippableFact]
    public async Task An_error_beside_a_result_is_the_answer()
    {
        const string Both = """hello"}]},"error":{"code":-32602,"message":"no \udc00"},"other":{"list":[{"text":" """;
        await using var pool = await BadAndGood.StartAsync(Program("\"id\":$id", Handshake, Both), alone: true);

        var error = (await pool.CallAsync()).Error!;

        Assert.Equal((PoolErrorKind.Rejected, -32602), (error.Kind, error.Code));
        Assert.Contains("no \uFFFD", error.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_broken_answer_ends_its_call_at_once_with_the_reason()
    {
        await using var pool = await BadAndGood.StartAsync(Program("\"id\":$id", Handshake, "hello\":"), alone: true);

        var answer = await pool.CallAsync();

        Assert.Equal("bad:Lost => OutcomeUnknown", answer.Story);
        Assert.Contains("the answer is not JSON", answer.Error!.Message, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("echo 'out of memory' >&2; exit 7")]
    [InlineData("exec <&-; echo 'out of memory' >&2; exit 7")]
    public async Task The_exit_code_and_the_last_words_of_a_program_that_ends_under_a_call_are_reported(string end)
    {
        var later = new ReconnectSettings { MinBackoff = TimeSpan.FromMinutes(1), MaxBackoff = TimeSpan.FromMinutes(1) };
        await using var pool = await BadAndGood.StartAsync(
            Program("\"id\":$id", Handshake, "hello", end), BadAndGood.Patient with { Reconnect = later }, alone: true);

        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => pool.CallAsync()));
        var status = await pool.Host.UntilAsync("bad", ServerStatus.Error);

        const string Words = "the process ended with exit code 7; its last output: out of memory";
        Assert.All(answers, answer => Assert.Contains(Words, answer.Error!.Message, StringComparison.Ordinal));
        Assert.Equal(Words, status.Servers[0].LastError);
    }

    private static ServerSettings Program(string envelope, string handshake, string text, string beforeCall = ":")
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "a program of sh");
        var script = ShellServer.Script(envelope, handshake, text, beforeCall);
        return new ServerSettings { Name = "bad", Command = "sh", Args = ["-c", script] };
    }
}
