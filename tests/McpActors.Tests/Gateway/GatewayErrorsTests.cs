using System.Text.Json;
using System.Text.Json.Nodes;
using McpActors.Gateway;
using Xunit;

namespace McpActors.Tests.Gateway;

/// <summary>How a call without a result reaches a client.</summary>
public sealed class GatewayErrorsTests
{
    [Theory]
    [InlineData(PoolErrorKind.OutcomeUnknown, true, "It may have run.", "It may have run.")]
    [InlineData(PoolErrorKind.DeadlineExceeded, true, "No answer. Repeating the call is safe.", "No answer. Repeating the call is safe.")]
    [InlineData(PoolErrorKind.Rejected, true, "a ran the call.", "a ran the call.")]
    [InlineData(PoolErrorKind.AllServersFailed, true, "All failed.", "All failed. The call may have run; repeating it is safe.")]
    [InlineData(PoolErrorKind.AllServersFailed, false, "All failed.", "All failed. The call did not run.")]
    [InlineData(PoolErrorKind.CircuitOpen, false, "The circuit is open", "The circuit is open. The call did not run.")]
    public void The_words_for_a_model_say_whether_the_call_may_have_run(PoolErrorKind kind, bool mayHaveRun, string words, string told)
    {
        var result = GatewayErrors.ToolResult(Failed(new PoolError(kind, words) { MayHaveRun = mayHaveRun }))!;

        Assert.Equal(told, (string)result["content"]![0]!["text"]!);
    }

    [Fact]
    public void An_error_after_several_servers_is_the_pools_although_it_has_the_code_of_the_last_one()
    {
        var failed = Failed(new PoolError(PoolErrorKind.AllServersFailed, "2 attempts failed.") { Code = -32603 });

        Assert.NotNull(GatewayErrors.ToolResult(failed));
        Assert.NotInRange(GatewayErrors.Detail(failed, Era.Modern).Code, -32768, -32000);
    }

    [Fact]
    public void The_details_of_an_error_are_for_programs()
    {
        var result = GatewayErrors.ToolResult(Failed(new PoolError(PoolErrorKind.OutcomeUnknown, "The answer of a was lost.")
        {
            Server = "a",
            MayHaveRun = true,
            RetryAfter = TimeSpan.FromMilliseconds(1.5),
        }))!;

        Assert.True((bool)result["isError"]!);
        Assert.Equal(
            """{"kind":"OutcomeUnknown","mayHaveRun":true,"attempts":1,"server":"a","retryAfterMs":2}""",
            result["_meta"]!["mcp-actors/error"]!.ToJsonString());
    }

    [Theory]
    [InlineData(false, -32002)]
    [InlineData(true, -32602)]
    public void An_error_of_a_server_keeps_message_and_data_and_has_the_code_of_the_era(bool isModern, int code)
    {
        var failed = Failed(new PoolError(PoolErrorKind.Rejected, "a rejected the request: gone")
        {
            Code = -32002,
            ServerMessage = "gone",
            Data = JsonElement.Parse("""{"n":1.0}"""),
        });

        var error = GatewayErrors.Detail(failed, isModern ? Era.Modern : Era.Legacy);

        Assert.Null(GatewayErrors.ToolResult(failed));
        Assert.Equal((code, "gone"), (error.Code, error.Message));
        Assert.Equal("""{"n":1.0}""", ((JsonElement)error.Data!).GetRawText());
    }

    [Fact]
    public void An_invalid_call_of_a_tool_is_an_error_of_its_parameters()
    {
        var failed = Failed(new PoolError(PoolErrorKind.InvalidRequest, "wrong"));

        Assert.Null(GatewayErrors.ToolResult(failed));
        Assert.Equal(-32602, GatewayErrors.Detail(failed, Era.Modern).Code);
    }

    [Theory]
    [MemberData(nameof(OwnKinds))]
    public void Other_errors_have_a_code_outside_of_the_reserved_range_and_name_their_kind(PoolErrorKind kind)
    {
        var error = GatewayErrors.Detail(Failed(new PoolError(kind, "words")), Era.Legacy);

        Assert.NotInRange(error.Code, -32768, -32000);
        Assert.Equal(kind.ToString(), (string)JsonObject.Create((JsonElement)error.Data!)!["mcp-actors/error"]!["kind"]!);
    }

    public static TheoryData<PoolErrorKind> OwnKinds() =>
        [.. Enum.GetValues<PoolErrorKind>().Where(kind => kind != PoolErrorKind.InvalidRequest)];

    private static CallFailed Failed(PoolError error) =>
        new(error, [new Attempt("a", AttemptOutcome.Lost, "gone", TimeSpan.Zero)], TimeSpan.Zero);
}
