using Akka.Event;
using McpActors.Connections;
using McpActors.Pool;
using McpActors.Resilience;
using Xunit;

namespace McpActors.Tests.Pool;

/// <summary>The events and log lines that follow from two reports.</summary>
public sealed class ReportNewsTests
{
    private static readonly DateTimeOffset At = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly ServerReport Initial = Report(new ConnectionReport());

    public static TheoryData<string?, bool, string, string?, LogLevel> Lines => new()
    {
        { null, false, "Error", "down", LogLevel.WarningLevel },
        { "down", false, "Error", "down", LogLevel.DebugLevel },
        { "other", false, "Error", "down", LogLevel.WarningLevel },
        { null, false, "Connected", null, LogLevel.InfoLevel },
        { null, false, "Connecting", null, LogLevel.DebugLevel },
    };

    [Theory]
    [MemberData(nameof(Lines))]
    public void A_change_of_status_is_one_line_and_a_lasting_error_is_not_repeated(
        string? logged, bool isClosing, string status, string? reason, LogLevel level)
    {
        var now = Report(new ConnectionReport { Status = Enum.Parse<ServerStatus>(status), Reason = reason });

        var news = ReportNews.Between("a", Initial, now, logged, isClosing, At);

        Assert.Equal(level, Assert.Single(news.Lines).Level);
        Assert.Equal(
            new ServerStatusChanged("a", ServerStatus.Disconnected, Enum.Parse<ServerStatus>(status), reason, At),
            Assert.Single(news.Events));
    }

    [Fact]
    public void A_state_in_a_line_is_a_word_and_no_quotation()
    {
        var news = ReportNews.Between(
            "a", Initial, Initial with { Circuit = CircuitState.Isolated, CircuitReason = "because" }, null, isClosing: false, At);

        Assert.Equal(new object?[] { "a", "Isolated", "because" }, Assert.Single(news.Lines).Values);
    }

    [Theory]
    [InlineData(false, LogLevel.InfoLevel)]
    [InlineData(true, LogLevel.DebugLevel)]
    public void A_connection_that_ends_because_the_pool_closes_is_no_news(bool isClosing, LogLevel level)
    {
        var connected = Report(new ConnectionReport { Status = ServerStatus.Connected });

        var news = ReportNews.Between("a", connected, Initial, null, isClosing, At);

        Assert.Equal(level, Assert.Single(news.Lines).Level);
    }

    [Theory]
    [InlineData(ServerStatus.Error, "down")]
    [InlineData(ServerStatus.Connected, null)]
    [InlineData(ServerStatus.Connecting, "before")]
    public void The_logged_error_lasts_until_the_server_is_connected_or_fails_otherwise(ServerStatus status, string? logged)
    {
        var now = Report(new ConnectionReport { Status = status, Reason = status == ServerStatus.Error ? "down" : null });

        Assert.Equal(logged, ReportNews.Between("a", Initial, now, "before", isClosing: false, At).LoggedError);
    }

    [Fact]
    public void A_change_of_the_circuit_is_an_event_and_a_line()
    {
        var open = Initial with { Circuit = CircuitState.Open, CircuitReason = "5 failures in a row" };

        var news = ReportNews.Between("a", Initial, open, null, isClosing: false, At);

        Assert.Equal(
            new CircuitStateChanged("a", CircuitState.Closed, CircuitState.Open, "5 failures in a row", At), Assert.Single(news.Events));
        Assert.Equal(LogLevel.InfoLevel, Assert.Single(news.Lines).Level);
    }

    [Fact]
    public void The_same_report_again_is_no_news()
    {
        var news = ReportNews.Between("a", Initial, Initial with { }, "before", isClosing: false, At);

        Assert.Empty(news.Events);
        Assert.Empty(news.Lines);
        Assert.Equal("before", news.LoggedError);
    }

    private static ServerReport Report(ConnectionReport connection) => new(connection, CircuitState.Closed, "", null, false);
}
