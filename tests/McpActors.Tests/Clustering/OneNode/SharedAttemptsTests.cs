using Akka.Actor;
using McpActors.Clustering.OneNode;
using McpActors.Connections;
using Xunit;

namespace McpActors.Tests.Clustering.OneNode;

/// <summary>The table of a shared server's attempts that have not ended.</summary>
public sealed class SharedAttemptsTests
{
    private readonly SharedAttempts _attempts = new(maxWaiting: 2);

    [Fact]
    public void Counts_sent_and_waiting_attempts_apart()
    {
        _attempts.AddSent(Entry(1));
        Assert.True(_attempts.TryAddWaiting(Entry(2)));

        Assert.Equal((2, 1, 1), (_attempts.Count, _attempts.SentCount, _attempts.WaitingCount));
        Assert.Equal([1], _attempts.Sent.Select(entry => entry.Id));
    }

    [Fact]
    public void New_attempts_wait_up_to_the_limit()
    {
        Assert.True(_attempts.TryAddWaiting(Entry(1)));
        Assert.True(_attempts.TryAddWaiting(Entry(2)));
        Assert.False(_attempts.TryAddWaiting(Entry(3)));

        Assert.Null(_attempts.Find(3));
        _attempts.Take(1);
        Assert.True(_attempts.TryAddWaiting(Entry(3)));
    }

    [Fact]
    public void A_sent_attempt_returns_to_waiting_also_beyond_the_limit()
    {
        _attempts.AddSent(Entry(1));
        _attempts.TryAddWaiting(Entry(2));
        _attempts.TryAddWaiting(Entry(3));

        Assert.True(_attempts.TryReturnToWaiting(1));

        Assert.Equal((3, 0, 3), (_attempts.Count, _attempts.SentCount, _attempts.WaitingCount));
    }

    public static TheoryData<string, bool> Returns => new()
    {
        { "sent", true },
        { "waiting", false },
        { "cancelled", false },
        { "of a session", false },
        { "ended", false },
    };

    [Theory]
    [MemberData(nameof(Returns))]
    public void Only_a_sent_attempt_that_can_run_on_another_connection_returns_to_waiting(string state, bool returns)
    {
        if (state == "waiting")
            _attempts.TryAddWaiting(Entry(1));
        else if (state != "ended")
            _attempts.AddSent(Entry(1, onSession: state == "of a session" ? 7 : null));
        if (state == "cancelled")
            _attempts.Cancel(new CancelAttempt(1, CancelReason.Caller));

        Assert.Equal(returns, _attempts.TryReturnToWaiting(1));
    }

    [Fact]
    public void A_cancel_marks_a_sent_attempt_and_takes_out_one_that_waits()
    {
        _attempts.AddSent(Entry(1));
        _attempts.TryAddWaiting(Entry(2));
        var (one, two) = (new CancelAttempt(1, CancelReason.Caller), new CancelAttempt(2, CancelReason.Deadline));

        Assert.False(_attempts.Cancel(one)!.IsWaiting);
        Assert.True(_attempts.Cancel(two)!.IsWaiting);

        Assert.Equal(one, _attempts.Find(1)!.Cancel);
        Assert.Null(_attempts.Find(2));
        Assert.Null(_attempts.Cancel(new CancelAttempt(3, CancelReason.Caller)));
        Assert.Equal((1, 0), (_attempts.SentCount, _attempts.WaitingCount));
    }

    [Fact]
    public void Each_attempt_is_taken_out_once()
    {
        _attempts.AddSent(Entry(1));
        _attempts.AddSent(Entry(2));
        _attempts.TryAddWaiting(Entry(3));

        Assert.Equal(1, _attempts.Take(1)!.Id);
        Assert.Null(_attempts.Take(1));
        Assert.Equal([3], _attempts.TakeWaiting().Select(entry => entry.Id));
        Assert.Empty(_attempts.TakeWaiting());
        Assert.Equal([2], _attempts.TakeSent().Select(entry => entry.Id));
        Assert.Equal((0, 0, 0), (_attempts.Count, _attempts.SentCount, _attempts.WaitingCount));
    }

    [Fact]
    public void A_waiting_attempt_that_is_taken_out_can_be_sent()
    {
        _attempts.TryAddWaiting(Entry(1));

        foreach (var entry in _attempts.TakeWaiting())
            _attempts.AddSent(entry);

        Assert.Equal((1, 0), (_attempts.SentCount, _attempts.WaitingCount));
        Assert.False(_attempts.Find(1)!.IsWaiting);
    }

    private static SharedAttemptEntry Entry(long id, long? onSession = null) => new(
        new StartAttempt(
            id, new CallRequest("tools/call", "t", null, Wrap: true), DateTimeOffset.UnixEpoch, null, null)
        { OnSession = onSession },
        ActorRefs.Nobody);
}
