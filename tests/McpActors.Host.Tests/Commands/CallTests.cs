using McpActors.Configuration;
using McpActors.Host.Commands;
using McpActors.Host.Tests.Api;
using McpActors.Host.Tests.Processes;

namespace McpActors.Host.Tests.Commands;

/// <summary><c>mcp-actors call</c> against a real host at a free port.</summary>
public class CallTests
{
    private static readonly Attempt Lost = new("a", AttemptOutcome.Lost, "the connection was reset", TimeSpan.FromMilliseconds(3));
    private static readonly Attempt Succeeded = new("b", AttemptOutcome.Succeeded, null, TimeSpan.FromMilliseconds(4));

    [Fact]
    public async Task Writes_the_text_of_a_result_and_its_server_beside_it()
    {
        var run = await CallAsync(
            """{"content":[{"type":"text","text":"two\nlines"},{"type":"image","mimeType":"image/png","data":"AAAA"}]}""", "draw");

        Assert.Equal(ExitCode.Done, run.ExitCode);
        Assert.Equal("two\nlines\n(image/png, 4 characters of base64: --json has them)\n", run.Output, ignoreLineEndingDifferences: true);
        Assert.Equal("b answered in 7.0 ms.\n", run.Error, ignoreLineEndingDifferences: true);
    }

    [Theory]
    [InlineData("""{"tools":[]}""", "{\n  \"tools\": []\n}\n")]
    [InlineData("""{"content":[],"structuredContent":{"n":1.50}}""", "{\n  \"n\": 1.50\n}\n")]
    [InlineData("""{"content":[]}""", "(empty)\n")]
    [InlineData("""{"content":[7]}""", "7\n")]
    [InlineData("""{"content":[{"type":"text","text":"\u001b[2J\u009bm\u202e"}]}""", "\\u001b[2J\\u009bm\\u202e\n")]
    public async Task Writes_any_result_readably_and_harmless(string result, string output) =>
        Assert.Equal(output, (await CallAsync(result, "t")).Output, ignoreLineEndingDifferences: true);

    [Fact]
    public async Task Json_is_the_answer_of_the_HTTP_API()
    {
        var run = await CallAsync("""{"content":[{"type":"text","text":"\u001b[2J <é>"}]}""", "t", "--json");

        Assert.Equal(ExitCode.Done, run.ExitCode);
        Assert.Equal(
            """
            {"result":{"content":[{"type":"text","text":"\u001B[2J <é>"}]},"server":"b",
            "attempts":[{"server":"b","outcome":"Succeeded","elapsedMs":4}],"elapsedMs":7}
            """.ReplaceLineEndings(""),
            run.Output.TrimEnd());
        Assert.Empty(run.Error);
    }

    [Fact]
    public async Task Shows_the_attempts_of_a_call_that_failed_over()
    {
        var run = await CallAsync(_ => new CallCompleted("{}".Json(), "b", [Lost, Succeeded], TimeSpan.FromMilliseconds(7)), "t");

        Assert.Equal(
            """
            b answered in 7.0 ms.
            ATTEMPT  SERVER  OUTCOME    TIME    ERROR
            1        a       Lost       3.0 ms  the connection was reset
            2        b       Succeeded  4.0 ms  -

            """,
            run.Error,
            ignoreLineEndingDifferences: true);
    }

    [Fact]
    public async Task An_error_of_a_tool_has_an_exit_code_of_its_own_and_writes_nothing_to_a_pipe()
    {
        var run = await CallAsync("""{"isError":true,"content":[{"type":"text","text":"no such file"}]}""", "read_file");

        Assert.Equal((ExitCode.ToolError, ""), (run.ExitCode, run.Output));
        Assert.Equal(
            "no such file\nThe tool ran on b and reports that it failed (isError).\n", run.Error, ignoreLineEndingDifferences: true);
    }

    [Fact]
    public async Task A_failed_call_is_reported_on_stderr_with_its_attempts()
    {
        var run = await CallAsync(_ => Failed(PoolErrorKind.OutcomeUnknown, "It may have run."), "pay");

        Assert.Equal((ExitCode.OutcomeUnknown, ""), (run.ExitCode, run.Output));
        Assert.Equal(
            """
            OutcomeUnknown: It may have run.
            Nothing ran.
            ATTEMPT  SERVER  OUTCOME  TIME    ERROR
            1        a       Lost     3.0 ms  the connection was reset

            """,
            run.Error,
            ignoreLineEndingDifferences: true);
    }

    [Fact]
    public async Task The_code_data_and_wait_of_a_servers_error_are_reported()
    {
        var error = new PoolError(PoolErrorKind.ServerError, "b answered with an error: no")
        {
            Code = -32001,
            Data = "[\"\u009b\"]".Json(),
            RetryAfter = TimeSpan.FromSeconds(2),
        };

        var run = await CallAsync(_ => new CallFailed(error, [], TimeSpan.Zero), "t");

        Assert.Equal(ExitCode.ServerFailed, run.ExitCode);
        Assert.Equal(
            "ServerError (-32001): b answered with an error: no\nNothing ran.\nData: [\"\\u009B\"]\nTry again in 2.0 s.\n",
            run.Error, ignoreLineEndingDifferences: true);
    }

    [Theory]
    [InlineData(true, "It may have run.")]
    [InlineData(false, "Nothing ran.")]
    public async Task An_error_says_whether_the_call_may_have_run(bool mayHaveRun, string words)
    {
        var error = new PoolError(PoolErrorKind.Cancelled, "Cancelled.") { MayHaveRun = mayHaveRun };

        var run = await CallAsync(_ => new CallFailed(error, [], TimeSpan.Zero), "t", "--json");

        Assert.Equal($"Cancelled: Cancelled.\n{words}\n", run.Error, ignoreLineEndingDifferences: true);
        Assert.Equal(mayHaveRun, run.Output.Json().GetProperty("error").GetProperty("mayHaveRun").GetBoolean());
    }

    [Fact]
    public async Task A_failed_call_is_JSON_for_scripts_too()
    {
        var run = await CallAsync(_ => Failed(PoolErrorKind.Overloaded, "Full."), "t", "--json");

        Assert.Equal(ExitCode.Overloaded, run.ExitCode);
        Assert.Equal("Overloaded", run.Output.Json().GetProperty("error").GetProperty("kind").GetString());
        Assert.Equal(1, run.Output.Json().GetProperty("attempts").GetArrayLength());
        Assert.StartsWith("Overloaded: Full.", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sends_every_option_to_the_pool()
    {
        Execute? sent = null;

        await CallAsync(
            call => { sent = (Execute)call; return Answer("{}"); },
            "t", """{"a":1}""", "--server", "s", "--group", "g", "--mode", "failover",
            "--strategy", "random", "--timeout", "1.5s", "--max-timeout", "2m",
            "--idempotent", "--affinity-key", "k", "--affinity-required",
            "--hedge-after", "20ms", "--hedge-quantile", "0.9", "--call-id", "id");

        Assert.Equal(("t", """{"a":1}"""), (sent!.Method, sent.Params?.GetRawText()));
        Assert.Equal(
            new CallOptions
            {
                Server = "s",
                Group = "g",
                Mode = CallMode.Failover,
                Strategy = "random",
                Timeout = TimeSpan.FromSeconds(1.5),
                MaxTimeout = TimeSpan.FromMinutes(2),
                Idempotent = true,
                AffinityKey = "k",
                AffinityRequired = true,
                Hedge = new Hedging { After = TimeSpan.FromMilliseconds(20), Quantile = 0.9 },
                CallId = "id",
            },
            sent.Options);
    }

    [Fact]
    public async Task Omits_options_that_are_not_given()
    {
        Execute? sent = null;

        await CallAsync(call => { sent = (Execute)call; return Answer("{}"); }, "t");

        Assert.Equal(new Execute("t"), sent);
    }

    [Fact]
    public async Task Reads_parameters_from_stdin_and_from_a_file()
    {
        using var file = new TempFile("\ufeff{\n \"from\": \"file\"\n}\n");
        var sent = new List<string?>();
        await using var api = await ApiServer.StartAsync();
        api.Pool.OnCall = (call, _) =>
        {
            sent.Add(((Execute)call).Params?.GetProperty("from").GetString());
            return Task.FromResult<CallReply>(Answer("{}"));
        };

        await CommandRun.RunAsync(["call", "t", "-"], api.Client.BaseAddress, input: "{\"from\": \"pipe\"}\n");
        await CommandRun.RunAsync(["call", "t", "@" + file.Name], api.Client.BaseAddress);

        Assert.Equal(["pipe", "file"], sent);
    }

    [Theory]
    [InlineData("{a:1}", "The JSON in the parameters is not valid (line 1, byte 2)")]
    [InlineData("[1]", "but found a list")]
    [InlineData("", "is empty")]
    [InlineData("-", "the standard input is empty")]
    [InlineData("@/nowhere/p.json", "Cannot read /nowhere/p.json")]
    [InlineData("""{"a":1,"a":2}""", "is not valid")]
    [InlineData("@/dev/zero", "Cannot read /dev/zero: it is longer than 64 MiB")]
    public async Task Parameters_that_are_not_a_JSON_object_are_not_sent(string parameters, string message)
    {
        var run = await CommandRun.RunAsync(["call", "t", parameters], new Uri("http://127.0.0.1:1"));

        Assert.Equal(ExitCode.InvalidRequest, run.ExitCode);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--timeout", "5")]
    [InlineData("--timeout", "0s")]
    [InlineData("--timeout", "25h25m")]
    [InlineData("--timeout", "1e9h")]
    [InlineData("--timeout", "-1s")]
    [InlineData("--mode", "wild")]
    [InlineData("--hedge-quantile", "much")]
    [InlineData("--hedge-quantile", "1e400")]
    [InlineData("--hedge-quantile", "NaN")]
    [InlineData("--hedge-quantile", "1")]
    [InlineData("--hedge-quantile", "0")]
    public async Task A_wrong_option_is_named_and_nothing_is_sent(string option, string value)
    {
        var run = await CommandRun.RunAsync(["call", "t", option, value], new Uri("http://127.0.0.1:1"));

        Assert.Equal(ExitCode.Failed, run.ExitCode);
        Assert.Contains(option, run.Error, StringComparison.Ordinal);
        Assert.Empty(run.Output);
    }

    [Fact]
    public async Task A_standard_input_without_an_end_is_not_sent()
    {
        var run = await CommandRun.RunAsync(["call", "t", "-"], new Uri("http://127.0.0.1:1"), reader: new EndlessReader());

        Assert.Equal(ExitCode.InvalidRequest, run.ExitCode);
        Assert.Contains("the standard input: it is longer than 64 MiB", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancelling_it_cancels_the_call_at_the_host()
    {
        await using var api = await ApiServer.StartAsync();
        var (started, cancelled) = (new TaskCompletionSource(), new TaskCompletionSource());
        api.Pool.OnCall = async (_, cancellation) =>
        {
            await using var watch = cancellation.Register(cancelled.SetResult);
            started.SetResult();
            await cancelled.Task;
            cancellation.ThrowIfCancellationRequested();
            return Answer("{}");
        };
        using var interrupt = new CancellationTokenSource();

        var running = CommandRun.RunAsync(["call", "t"], api.Client.BaseAddress, cancellation: interrupt.Token);
        await started.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await interrupt.CancelAsync();
        var run = await running;
        await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(ExitCode.Cancelled, run.ExitCode);
        Assert.Contains("it may or may not have run", run.Error, StringComparison.Ordinal);
    }

    private static Task<CommandRun> CallAsync(string result, params string[] args) => CallAsync(_ => Answer(result), args);

    private static async Task<CommandRun> CallAsync(Func<PoolCall, CallReply> answer, params string[] args)
    {
        await using var api = await ApiServer.StartAsync();
        api.Pool.OnCall = (call, _) => Task.FromResult(answer(call));
        return await CommandRun.RunAsync(["call", .. args], api.Client.BaseAddress);
    }

    private static CallCompleted Answer(string result) => new(result.Json(), "b", [Succeeded], TimeSpan.FromMilliseconds(7));

    private static CallFailed Failed(PoolErrorKind kind, string message) =>
        new(new PoolError(kind, message), [Lost], TimeSpan.FromMilliseconds(3));
}
