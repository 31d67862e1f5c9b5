using Akka.Actor;
using McpActors.Balancing;
using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Resilience;
using Xunit;

namespace McpActors.Tests.Balancing;

public sealed class SlowStartTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(20);

    private readonly ServerEntry _server = new(new ServerSettings { Name = "a", Weight = 4 }, ActorRefs.Nobody, 0);

    [Theory]
    [InlineData(0, 0.4)]
    [InlineData(1, 0.4)]
    [InlineData(10, 2)]
    [InlineData(20, 4)]
    [InlineData(60, 4)]
    public void The_share_grows_from_a_tenth_to_the_whole(int seconds, double weight)
    {
        var slowStart = new SlowStart(Window);
        slowStart.Observe(_server, Report(ServerStatus.Connected), Start);

        Assert.Equal([_server], slowStart.Step(Start + TimeSpan.FromSeconds(seconds)));

        Assert.Equal(weight, _server.Candidate.Weight, precision: 6);
        Assert.Equal(weight < 4, slowStart.IsActive);
    }

    [Theory]
    [InlineData(0, ServerStatus.Connecting, ServerStatus.Connected)]
    [InlineData(20, ServerStatus.Connecting, ServerStatus.Error)]
    [InlineData(20, ServerStatus.Connected, ServerStatus.Connected)]
    public void Only_a_new_connection_begins_it(int window, ServerStatus before, ServerStatus after)
    {
        var slowStart = new SlowStart(TimeSpan.FromSeconds(window));
        _server.Report = Report(before);

        slowStart.Observe(_server, Report(after), Start);

        Assert.False(slowStart.IsActive);
        Assert.Equal(4, _server.Candidate.Weight);
    }

    [Fact]
    public void Switched_off_it_gives_the_whole_share_at_the_next_step()
    {
        var slowStart = new SlowStart(Window);
        slowStart.Observe(_server, Report(ServerStatus.Connected), Start);

        slowStart.Window = TimeSpan.Zero;
        slowStart.Step(Start);

        Assert.Equal(4, _server.Candidate.Weight);
        Assert.False(slowStart.IsActive);
    }

    private ServerReport Report(ServerStatus status) => _server.Report with { Connection = new ConnectionReport { Status = status } };
}
