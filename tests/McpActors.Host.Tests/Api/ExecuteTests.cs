using System.Net;

namespace McpActors.Host.Tests.Api;

public class ExecuteTests
{
    private static readonly CallCompleted Answer = new(
        """{"content":[{"type":"text","text":"grün 'ok' <b>"}]}""".Json(),
        "secondary-server",
        [
            new Attempt("primary-server", AttemptOutcome.NotSent, "connection refused", TimeSpan.FromMilliseconds(1.5)),
            new Attempt("secondary-server", AttemptOutcome.Succeeded, null, TimeSpan.FromMilliseconds(2)),
        ],
        TimeSpan.FromMilliseconds(4.25));

    [Fact]
    public async Task Answers_with_the_result_its_server_and_every_attempt()
    {
        await using var api = await ApiServer.StartAsync();
        api.Pool.OnCall = (_, _) => Task.FromResult<CallReply>(Answer);

        var response = await api.ExecuteAsync("""{"method":"getData"}""");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(
            """
            {"result":{"content":[{"type":"text","text":"grün 'ok' <b>"}]},"server":"secondary-server","attempts":[
            {"server":"primary-server","outcome":"NotSent","error":"connection refused","elapsedMs":1.5},
            {"server":"secondary-server","outcome":"Succeeded","elapsedMs":2}],"elapsedMs":4.25}
            """.ReplaceLineEndings(""),
            await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Passes_method_parameters_and_every_option_to_the_pool()
    {
        await using var api = await ApiServer.StartAsync();
        PoolCall? seen = null;
        api.Pool.OnCall = (call, _) => { seen = call; return Task.FromResult<CallReply>(Answer); };

        await api.ExecuteAsync(
            """
            {"method":"resources/read","params":{"uri":"a:b"},"options":{"server":"s","group":"g","mode":"failOVER","strategy":"random",
            "timeoutMs":1500,"affinityKey":"k","idempotent":true,"callId":"c"}}
            """);

        var execute = Assert.IsType<Execute>(seen);
        Assert.Equal("resources/read", execute.Method);
        Assert.Equal("""{"uri":"a:b"}""", execute.Params?.GetRawText());
        Assert.Equal(
            new CallOptions
            {
                Server = "s",
                Group = "g",
                Mode = CallMode.Failover,
                Strategy = "random",
                Timeout = TimeSpan.FromSeconds(1.5),
                AffinityKey = "k",
                Idempotent = true,
                CallId = "c",
            },
            execute.Options);
    }

    [Theory]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("text/plain")]
    [InlineData(null)]
    public async Task Reads_JSON_with_any_content_type(string? contentType)
    {
        await using var api = await ApiServer.StartAsync();
        api.Pool.OnCall = (_, _) => Task.FromResult<CallReply>(Answer);
        using var content = new ByteArrayContent("""{"method":"ping"}"""u8.ToArray());
        content.Headers.ContentType = contentType is null ? null : new(contentType);

        Assert.Equal(HttpStatusCode.OK, (await api.Client.PostAsync("/api/execute", content)).StatusCode);
    }

    [Fact]
    public async Task Treats_nulls_as_omitted()
    {
        await using var api = await ApiServer.StartAsync();
        PoolCall? seen = null;
        api.Pool.OnCall = (call, _) => { seen = call; return Task.FromResult<CallReply>(Answer); };

        await api.ExecuteAsync("""{"method":"ping","params":null,"options":null}""");

        Assert.Equal(new Execute("ping"), seen);
    }

    [Fact]
    public async Task Answers_an_error_with_its_kind_its_status_and_the_servers_own_error()
    {
        await using var api = await ApiServer.StartAsync();
        var error = new PoolError(PoolErrorKind.Rejected, "a is missing")
        { Server = "s", Code = -32602, Data = """{"field":"a"}""".Json() };
        api.Pool.OnCall = (_, _) => Task.FromResult<CallReply>(new CallFailed(
            error, [new Attempt("s", AttemptOutcome.Rejected, "a is missing", TimeSpan.Zero)], TimeSpan.FromMilliseconds(1)));

        var response = await api.ExecuteAsync("""{"method":"getData"}""");

        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
        Assert.Equal(
            """
            {"error":{"kind":"Rejected","message":"a is missing","mayHaveRun":false,"code":-32602,"data":{"field":"a"},"server":"s"},
            "attempts":[{"server":"s","outcome":"Rejected","error":"a is missing","elapsedMs":0}],"elapsedMs":1}
            """.ReplaceLineEndings(""),
            await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Every_error_says_whether_the_call_may_have_run(bool mayHaveRun)
    {
        await using var api = await ApiServer.StartAsync();
        var error = new PoolError(PoolErrorKind.DeadlineExceeded, "late") { MayHaveRun = mayHaveRun };
        api.Pool.OnCall = (_, _) => Task.FromResult<CallReply>(new CallFailed(error, [], TimeSpan.Zero));

        var failed = (await (await api.ExecuteAsync("""{"method":"getData"}""")).Content.ReadAsStringAsync()).Json();
        var invalid = (await (await api.ExecuteAsync("""{"method":""")).Content.ReadAsStringAsync()).Json();

        Assert.Equal(mayHaveRun, failed.GetProperty("error").GetProperty("mayHaveRun").GetBoolean());
        Assert.False(invalid.GetProperty("error").GetProperty("mayHaveRun").GetBoolean());
    }

    [Fact]
    public async Task Names_the_reason_for_each_server_that_could_not_take_the_call()
    {
        await using var api = await ApiServer.StartAsync();
        ServerReason[] reasons = [new("a", "Error: refused"), new("b", "Connecting")];
        var error = new PoolError(PoolErrorKind.NoServerAvailable, "none") { Servers = reasons };
        api.Pool.OnCall = (_, _) => Task.FromResult<CallReply>(new CallFailed(error, [], TimeSpan.Zero));

        var response = await api.ExecuteAsync("""{"method":"getData"}""");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal(
            """[{"server":"a","reason":"Error: refused"},{"server":"b","reason":"Connecting"}]""",
            (await response.JsonAsync()).GetProperty("error").GetProperty("servers").GetRawText());
    }

    [Fact]
    public async Task Reports_the_wait_in_whole_seconds_and_in_milliseconds()
    {
        await using var api = await ApiServer.StartAsync();
        var error = new PoolError(PoolErrorKind.Overloaded, "full") { RetryAfter = TimeSpan.FromMilliseconds(1200) };
        api.Pool.OnCall = (_, _) => Task.FromResult<CallReply>(new CallFailed(error, [], TimeSpan.Zero));

        var response = await api.ExecuteAsync("""{"method":"getData"}""");

        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(2), response.Headers.RetryAfter?.Delta);
        Assert.Equal(1200, (await response.JsonAsync()).GetProperty("error").GetProperty("retryAfterMs").GetDouble());
    }

    [Fact]
    public async Task Cancels_the_call_when_its_caller_disconnects()
    {
        await using var api = await ApiServer.StartAsync();
        var reached = new TaskCompletionSource();
        var cancelled = new TaskCompletionSource();
        api.Pool.OnCall = async (_, token) =>
        {
            await using var registration = token.Register(cancelled.SetResult);
            reached.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
            throw new InvalidOperationException("not reached");
        };

        using var caller = new CancellationTokenSource();
        using var content = new StringContent("""{"method":"getData"}""");
        var call = api.Client.PostAsync("/api/execute", content, caller.Token);
        await reached.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await caller.CancelAsync();

        await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    [Fact]
    public async Task A_fault_of_the_program_is_a_500_that_shows_no_detail()
    {
        await using var api = await ApiServer.StartAsync();
        api.Pool.OnCall = (_, _) => throw new InvalidOperationException("inner detail");

        var response = await api.ExecuteAsync("""{"method":"getData"}""");

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.DoesNotContain("inner detail", await response.ErrorAsync("InternalError"), StringComparison.Ordinal);
    }
}
