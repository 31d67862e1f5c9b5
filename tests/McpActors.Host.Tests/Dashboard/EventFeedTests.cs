using McpActors.Host.Dashboard.Monitoring;

namespace McpActors.Host.Tests.Dashboard;

public class EventFeedTests
{
    private static readonly DateTimeOffset At = DateTimeOffset.UnixEpoch;
    private readonly EventFeed _feed = new();

    [Fact]
    public void The_newest_comes_first()
    {
        _feed.Add(new ServerAdded("a", At));
        _feed.Add(new ServerStatusChanged("a", ServerStatus.Connecting, ServerStatus.Connected, null, At));

        Assert.Equal(["a is connected", "a joined the pool"], _feed.Entries.Select(entry => entry.Text));
    }

    [Fact]
    public void The_same_failover_again_is_counted()
    {
        _feed.Add(new CallFailedOver("work", null, "a", "b", AttemptOutcome.ServerError, At));
        _feed.Add(new CallFailedOver("work", null, "a", "b", AttemptOutcome.ServerError, At.AddSeconds(3)));
        _feed.Add(new CallFailedOver("work", null, "a", "c", AttemptOutcome.ServerError, At.AddSeconds(4)));

        Assert.Equal(
            [(1, "c", 4.0), (2, "b", 3.0)], _feed.Entries.Select(entry => (entry.Count, entry.Next!, (entry.At - At).TotalSeconds)));
    }

    [Fact]
    public void A_failover_concerns_both_servers()
    {
        _feed.Add(new CallFailedOver("work", null, "a", "b", AttemptOutcome.Lost, At));

        var entry = _feed.Entries.Single();
        Assert.True(entry.Concerns("a") && entry.Concerns("b") && !entry.Concerns("c"));
    }

    [Theory]
    [InlineData(CircuitState.Open, FeedTone.Bad, "opened")]
    [InlineData(CircuitState.HalfOpen, FeedTone.Warning, "half open")]
    [InlineData(CircuitState.Closed, FeedTone.Good, "closed")]
    [InlineData(CircuitState.Isolated, FeedTone.Neutral, "isolated")]
    public void A_change_of_a_circuit_is_described_in_words(CircuitState to, FeedTone tone, string word)
    {
        _feed.Add(new CircuitStateChanged("a", CircuitState.Closed, to, "5 failures in a row", At));

        var entry = _feed.Entries.Single();
        Assert.Equal((FeedTopic.Circuit, tone, "5 failures in a row"), (entry.Topic, entry.Tone, entry.Detail));
        Assert.Contains(word, entry.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_configuration_change_shows_its_keys_or_its_problem()
    {
        _feed.Add(new ConfigurationApplied(["c"], [], ["a"], ["routes"], At));
        _feed.AddRejected("mcp-actors.pool.max-queue: …", At);

        Assert.Equal(
            [(FeedTone.Bad, "mcp-actors.pool.max-queue: …"), (FeedTone.Good, "added c; removed a; changed routes")],
            _feed.Entries.Select(entry => (entry.Tone, entry.Detail!)));
    }

    [Fact]
    public void Attempts_to_connect_and_changes_of_the_catalogue_are_not_listed()
    {
        _feed.Add(new ServerStatusChanged("a", ServerStatus.Error, ServerStatus.Connecting, null, At));
        _feed.Add(new CatalogueChanged("a", At));

        Assert.Empty(_feed.Entries);
    }

    [Fact]
    public void The_number_of_entries_is_bounded()
    {
        for (var i = 0; i < EventFeed.Kept + 10; i++)
            _feed.Add(new ServerAdded($"server {i}", At));

        Assert.Equal(EventFeed.Kept, _feed.Entries.Count);
        Assert.Equal($"server {EventFeed.Kept + 9}", _feed.Entries[0].Server);
    }
}
