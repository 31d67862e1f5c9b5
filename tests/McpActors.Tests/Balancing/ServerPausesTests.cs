using Akka.Actor;
using McpActors.Balancing;
using McpActors.Configuration;
using Xunit;

namespace McpActors.Tests.Balancing;

public sealed class ServerPausesTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly ServerPauses _pauses = new();

    [Fact]
    public void Pauses_end_in_the_order_of_their_ends()
    {
        var (a, b) = (Server("a"), Server("b"));
        _pauses.Add(a, TimeSpan.FromSeconds(2), Start);
        _pauses.Add(b, TimeSpan.FromSeconds(1), Start);

        Assert.Empty(EndedAt(0.9));
        Assert.Equal([b], EndedAt(1));
        Assert.Equal((Start + TimeSpan.FromSeconds(2), null), (a.PausedUntil, b.PausedUntil));
        Assert.Equal([a], EndedAt(3));
    }

    [Theory]
    [InlineData(1, 5)]
    [InlineData(5, 1)]
    [InlineData(5, 5)]
    public void The_last_request_of_a_server_decides(int first, int last)
    {
        var server = Server("a");
        _pauses.Add(server, TimeSpan.FromSeconds(first), Start);
        _pauses.Add(server, TimeSpan.FromSeconds(last), Start);

        Assert.Empty(EndedAt(last - 0.1));
        Assert.Equal([server], EndedAt(last));
        Assert.Empty(EndedAt(10));
    }

    [Fact]
    public void Servers_of_the_same_name_pause_independently()
    {
        var (replaced, replacement) = (Server("a"), Server("a"));
        _pauses.Add(replacement, TimeSpan.FromSeconds(5), Start);
        _pauses.Add(replaced, TimeSpan.FromSeconds(1), Start);

        Assert.Equal([replaced], EndedAt(1));
        Assert.Equal([replacement], EndedAt(5));
    }

    [Fact]
    public void No_pause_is_longer_than_the_longest()
    {
        var server = Server("a");

        _pauses.Add(server, TimeSpan.MaxValue, Start);

        Assert.Equal(Start + AskedWait.Longest, server.PausedUntil);
    }

    private static ServerEntry Server(string name) => new(new ServerSettings { Name = name }, ActorRefs.Nobody, 0);

    private List<ServerEntry> EndedAt(double seconds)
    {
        var ended = new List<ServerEntry>();
        while (_pauses.TryEnd(Start + TimeSpan.FromSeconds(seconds), out var server))
            ended.Add(server);
        return ended;
    }
}
