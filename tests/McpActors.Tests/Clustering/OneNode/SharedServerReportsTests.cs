using McpActors.Clustering.OneNode;
using McpActors.Connections;
using McpActors.Resilience;
using Xunit;

namespace McpActors.Tests.Clustering.OneNode;

/// <summary>Reports that a node derives from the last one of the node with the connection.</summary>
public sealed class SharedServerReportsTests
{
    private static readonly DateTimeOffset Then = DateTimeOffset.UnixEpoch;

    private static readonly ServerReport Report = new(
        new ConnectionReport { Status = ServerStatus.Connected, Resuming = true, NextReconnect = Then, Restarts = 3, ServerName = "n" },
        CircuitState.HalfOpen,
        "trial",
        null,
        Draining: false);

    [Fact]
    public void A_failure_of_the_node_is_an_error_of_the_connection()
    {
        var failed = Report.Failed("gone", Then);

        Assert.Equal(
            Report with
            {
                Connection = new ConnectionReport
                {
                    Status = ServerStatus.Error,
                    Reason = "gone",
                    LastError = "gone",
                    LastErrorAt = Then,
                    Restarts = 3,
                    ServerName = "n",
                },
            },
            failed);
    }

    [Theory]
    [InlineData(ServerStatus.Connecting, true)]
    [InlineData(ServerStatus.Connected, false)]
    [InlineData(ServerStatus.Error, false)]
    [InlineData(ServerStatus.Disconnected, false)]
    public void Attempts_are_accepted_while_the_connection_is_being_made(ServerStatus status, bool accepted)
    {
        var report = Report with { Connection = new ConnectionReport { Status = status } };

        Assert.Equal(accepted, report.AcceptingWhileConnecting().Connection.Resuming);
    }

    [Fact]
    public void A_moving_connection_is_connecting() => Assert.Equal(
        Report with { Connection = Report.Connection with { Status = ServerStatus.Connecting } }, Report.Connecting());

    [Fact]
    public void A_server_that_this_node_left_is_drained_and_closed()
    {
        var left = Report.Left();

        Assert.True(left.Draining);
        Assert.Equal(
            new ConnectionReport { Status = ServerStatus.Disconnected, Closed = true, Restarts = 3, ServerName = "n" }, left.Connection);
    }
}
