using McpActors.Host.Dashboard.Calling;
using McpActors.Host.Dashboard.Operating;
using McpActors.Host.Dashboard.Parts.Charts;
using McpActors.Host.Presentation;

namespace McpActors.Host.Tests.Dashboard;

public class WordsTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddDays(20_000);

    public static TheoryData<PoolErrorKind> Kinds => [.. Enum.GetValues<PoolErrorKind>()];

    public static TheoryData<AttemptOutcome> Outcomes => [.. Enum.GetValues<AttemptOutcome>()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_kind_of_error_has_words_of_its_own(PoolErrorKind kind)
    {
        var words = ErrorWords.Of(kind);

        Assert.Single(Enum.GetValues<PoolErrorKind>(), other => ErrorWords.Of(other).Title == words.Title);
        Assert.EndsWith(".", words.Advice, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Outcomes))]
    public void Every_outcome_of_an_attempt_has_words(AttemptOutcome outcome) => Assert.EndsWith(".", OutcomeWords.Of(outcome).Text, StringComparison.Ordinal);

    [Fact]
    public void Only_what_may_have_run_says_so()
    {
        Assert.Equal(
            [PoolErrorKind.OutcomeUnknown, PoolErrorKind.Cancelled],
            Enum.GetValues<PoolErrorKind>().Where(kind => ErrorWords.Of(kind).Ran == MayHaveRun.Perhaps));
    }

    [Theory]
    [InlineData(0.123, "0.12 ms")]
    [InlineData(1.0, "1.0 ms")]
    [InlineData(9.96, "10 ms")]
    [InlineData(999.6, "1.0 s")]
    [InlineData(30_000.0, "30 s")]
    [InlineData(90_000.0, "1 min")]
    [InlineData(null, "–")]
    public void Latencies(double? milliseconds, string text) =>
        Assert.Equal(text, Format.Latency(milliseconds is { } given ? TimeSpan.FromMilliseconds(given) : null));

    [Theory]
    [InlineData(0, "0")]
    [InlineData(0.04, "<0.1")]
    [InlineData(4.26, "4.3")]
    [InlineData(9.96, "10")]
    [InlineData(12_345.6, "12,346")]
    public void Rates(double perSecond, string text) => Assert.Equal(text, Format.Rate(perSecond));

    [Theory]
    [InlineData(null, "–")]
    [InlineData(0.0, "0 %")]
    [InlineData(0.0004, "<0.1 %")]
    [InlineData(0.042, "4.2 %")]
    [InlineData(1.0, "100 %")]
    public void Shares(double? share, string text) => Assert.Equal(text, Format.Percent(share));

    [Theory]
    [InlineData(0.4, "now")]
    [InlineData(12.9, "12 s ago")]
    [InlineData(119, "1 min ago")]
    [InlineData(7200, "2 h ago")]
    [InlineData(200_000, "2024-10-01 16:26 UTC")]
    public void Times_past(double seconds, string text) => Assert.Equal(text, Format.Ago(Now.AddSeconds(-seconds), Now));

    [Theory]
    [InlineData(-3, "now")]
    [InlineData(3.2, "in 4 s")]
    [InlineData(61, "in 1 min")]
    public void Times_to_come(double seconds, string text) => Assert.Equal(text, Format.Until(Now.AddSeconds(seconds), Now));

    [Theory]
    [InlineData(0, 1, 1, 0.25)]
    [InlineData(3.2, 1, 4, 1)]
    [InlineData(17, 1, 20, 5)]
    [InlineData(1234, 1, 1500, 500)]
    [InlineData(double.NaN, 4, 4, 1)]
    public void Scales_end_at_round_numbers(double largest, double atLeast, double top, double step) =>
        Assert.Equal(new ChartScale(top, step), ChartScale.For(largest, atLeast));

    [Fact]
    public void A_gap_in_the_values_is_a_gap_in_the_line() =>
        Assert.Equal("M0,10L10,5M30,0", SvgPath.Line([0, 5, double.NaN, 10], 30, 10));

    [Theory]
    [InlineData(ServerStatus.Connected, CircuitState.Closed, false, "Disconnect, Reconnect, Drain, Isolate")]
    [InlineData(ServerStatus.Connected, CircuitState.Open, true, "Connect, Disconnect, Reconnect, Isolate, Reset circuit")]
    [InlineData(ServerStatus.Disconnected, CircuitState.Isolated, false, "Connect, Reconnect, Reset circuit")]
    [InlineData(ServerStatus.Error, CircuitState.Closed, false, "Connect, Disconnect, Reconnect, Drain, Isolate")]
    public void Only_commands_of_use_can_be_pressed(ServerStatus status, CircuitState circuit, bool draining, string commands)
    {
        var server = new ServerInfo { Name = "a", Endpoint = "ws://a/", Group = "default", Status = status, Circuit = circuit, Draining = draining };

        Assert.Equal(commands, string.Join(", ", OperatorCommand.All.Where(command => command.IsOfUse(server)).Select(command => command.Name)));
    }
}
