using McpActors.Connections;
using Xunit;

namespace McpActors.Tests.Connections;

public sealed class SessionRecoveryTests
{
    private readonly SessionRecovery _recovery = new();

    [Theory]
    // Connected, in session 7.
    [InlineData(null, true, false, SessionStep.Send)]
    [InlineData(7L, true, false, SessionStep.Send)]
    [InlineData(6L, true, false, SessionStep.SessionGone)]
    // Not connected.
    [InlineData(null, false, false, SessionStep.NotSent)]
    [InlineData(7L, false, false, SessionStep.SessionGone)]
    // Not connected, while a lost session is recovered.
    [InlineData(null, false, true, SessionStep.Wait)]
    [InlineData(7L, false, true, SessionStep.SessionGone)]
    public void An_attempt_arrives(long? onSession, bool isConnected, bool isRecovering, object step)
    {
        if (isRecovering)
            _recovery.Begin();
        Assert.Equal((SessionStep)step, _recovery.OnAttempt(Attempt(1, onSession), isConnected, session: 7));
        Assert.Equal((SessionStep)step == SessionStep.Wait ? 1 : 0, _recovery.Waiting);
    }

    [Fact]
    public void An_attempt_of_a_session_does_not_run_on_a_connection_without_one() =>
        Assert.Equal(SessionStep.SessionGone, _recovery.OnAttempt(Attempt(1, 7), isConnected: true, session: null));

    [Theory]
    // Refused by the open connection.
    [InlineData(null, true, true, false, SessionStep.Wait)]
    [InlineData(7L, true, true, false, SessionStep.SessionGone)]
    // Refused by an older connection, when the next one is open already.
    [InlineData(null, true, false, false, SessionStep.Send)]
    [InlineData(7L, true, false, false, SessionStep.SessionGone)]
    // Refused by an older connection, while the next one is being opened.
    [InlineData(null, false, false, true, SessionStep.Wait)]
    [InlineData(7L, false, false, true, SessionStep.SessionGone)]
    // Refused by an older connection, after the next one failed to open.
    [InlineData(null, false, false, false, SessionStep.NotSent)]
    [InlineData(7L, false, false, false, SessionStep.SessionGone)]
    public void An_attempt_is_refused_for_a_lost_session(
        long? onSession, bool isConnected, bool byOpenConnection, bool isRecovering, object step)
    {
        if (isRecovering)
            _recovery.Begin();
        Assert.Equal((SessionStep)step, _recovery.OnRefused(Attempt(1, onSession), isConnected, byOpenConnection));
        Assert.Equal((SessionStep)step == SessionStep.Wait ? 1 : 0, _recovery.Waiting);
    }

    [Fact]
    public void The_end_of_a_recovery_hands_out_the_waiting_attempts_once_and_in_order()
    {
        _recovery.Begin();
        foreach (var id in new[] { 3, 1, 2 })
            _recovery.OnAttempt(Attempt(id), isConnected: false, session: null);

        Assert.Equal([3L, 1L, 2L], _recovery.End().Select(attempt => attempt.Id));
        Assert.Equal((false, 0), (_recovery.IsActive, _recovery.Waiting));
        Assert.Empty(_recovery.End());
    }

    [Fact]
    public void A_waiting_attempt_that_is_given_up_is_removed()
    {
        _recovery.Begin();
        _recovery.OnAttempt(Attempt(1), isConnected: false, session: null);

        Assert.False(_recovery.TryRemove(2));
        Assert.True(_recovery.TryRemove(1));
        Assert.False(_recovery.TryRemove(1));
        Assert.Empty(_recovery.End());
    }

    private static StartAttempt Attempt(long id, long? onSession = null) =>
        new(id, new CallRequest("tools/call", "echo", null, Wrap: true), DateTimeOffset.MaxValue, null, null) { OnSession = onSession };
}
