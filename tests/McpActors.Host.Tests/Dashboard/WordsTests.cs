using McpActors.Host.Dashboard.Calling;
using McpActors.Host.Dashboard.Operating;

namespace McpActors.Host.Tests.Dashboard;

public class WordsTests
{
    public static TheoryData<PoolErrorKind> Kinds => [.. Enum.GetValues<PoolErrorKind>()];

    public static TheoryData<AttemptOutcome> Outcomes => [.. Enum.GetValues<AttemptOutcome>()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_kind_of_error_has_words_of_its_own(PoolErrorKind kind)
    {
        var words = ErrorWords.Of(new PoolError(kind, ""));

        Assert.Single(Enum.GetValues<PoolErrorKind>(), other => ErrorWords.Of(new PoolError(other, "")).Title == words.Title);
        Assert.EndsWith(".", words.Advice, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Outcomes))]
    public void Every_outcome_of_an_attempt_has_words(AttemptOutcome outcome) =>
        Assert.EndsWith(".", OutcomeWords.Of(outcome).Text, StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_words_say_whether_the_call_may_have_run_as_the_pool_reports_it(PoolErrorKind kind)
    {
        Assert.Equal(MayHaveRun.No, ErrorWords.Of(new PoolError(kind, "")).Ran);
        Assert.NotEqual(MayHaveRun.No, ErrorWords.Of(new PoolError(kind, "") { MayHaveRun = true }).Ran);
    }

    [Theory]
    [InlineData(ServerStatus.Connected, CircuitState.Closed, false, "Disconnect, Reconnect, Drain, Isolate")]
    [InlineData(ServerStatus.Connected, CircuitState.Open, true, "Connect, Disconnect, Reconnect, Isolate, Reset circuit")]
    [InlineData(ServerStatus.Disconnected, CircuitState.Isolated, false, "Connect, Reconnect, Reset circuit")]
    [InlineData(ServerStatus.Error, CircuitState.Closed, false, "Connect, Disconnect, Reconnect, Drain, Isolate")]
    public void Only_useful_commands_are_enabled(ServerStatus status, CircuitState circuit, bool draining, string commands)
    {
        var server = new ServerInfo
        {
            Name = "a",
            Endpoint = "ws://a/",
            Group = "default",
            Status = status,
            Circuit = circuit,
            Draining = draining
        };

        Assert.Equal(
            commands, string.Join(", ", OperatorCommand.All.Where(command => command.IsOfUse(server)).Select(command => command.Name)));
    }
}
