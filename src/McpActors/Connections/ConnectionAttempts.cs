using Akka.Actor;

namespace McpActors.Connections;

/// <summary>
/// Runs the attempts of one server on its open connection, and keeps those that wait for a new session in place of a lost one. Each attempt
/// is answered once with <see cref="AttemptEnded"/>. Belongs to one actor.
/// </summary>
/// <param name="runner">Runs attempts on connections.</param>
/// <param name="circuit">Receives the answers.</param>
internal sealed class ConnectionAttempts(AttemptRunner runner, IActorRef circuit)
{
    private const string NoNewSession = "the server lost the session and no new one could be opened";

    private readonly SessionRecovery _recovery = new();
    private Connection? _connection;
    private long? _session;

    /// <summary>A new session is being opened in place of a lost one, and attempts wait for it.</summary>
    public bool IsRecovering => _recovery.IsActive;

    public ConnectionLoad Load => new(runner.Running, _recovery.Waiting);

    /// <summary>From now on attempts run on this connection; those that waited run first.</summary>
    public void Open(Connection connection, long? session, ServerCatalogue? catalogue)
    {
        (_connection, _session) = (connection, session);
        foreach (var attempt in _recovery.End())
            runner.Start(connection, attempt, catalogue);
    }

    /// <summary>No attempt is sent any more until the next connection.</summary>
    public void Close() => _connection = null;

    /// <summary>From now on attempts wait for a new session.</summary>
    public void BeginRecovery() => _recovery.Begin();

    /// <summary>There will be no new session; attempts that waited for it are answered.</summary>
    public void EndRecovery(string reason = NoNewSession)
    {
        foreach (var attempt in _recovery.End())
            NotSent(attempt, reason);
    }

    /// <summary>An attempt arrived while the connection is open or being opened.</summary>
    public void Start(StartAttempt attempt, ServerCatalogue? catalogue) =>
        Follow(_recovery.OnAttempt(attempt, _connection is not null, _session), attempt, catalogue, "still connecting");

    /// <summary>A server refused an attempt because it lost the session.</summary>
    /// <param name="attempt">The attempt.</param>
    /// <param name="by">The connection that it was sent on.</param>
    /// <param name="catalogue">What the server offers.</param>
    /// <returns>Whether the session of the open connection is lost.</returns>
    public bool OnRefused(StartAttempt attempt, Connection by, ServerCatalogue? catalogue)
    {
        if (!runner.TryTakeBack(attempt.Id))
            return false;
        var again = attempt with { Resumed = true };
        var isOpen = ReferenceEquals(by, _connection);
        Follow(_recovery.OnRefused(again, _connection is not null, isOpen), again, catalogue, NoNewSession);
        return isOpen;
    }

    public void Cancel(CancelAttempt cancel)
    {
        if (_recovery.TryRemove(cancel.AttemptId))
            circuit.Tell(new AttemptEnded(cancel.AttemptId, AttemptResult.GivenUp(cancel.Reason, AttemptRunner.NoSessionInTime)));
        else
            runner.Cancel(cancel.AttemptId, cancel.Reason);
    }

    public void NotSent(StartAttempt attempt, string reason) =>
        circuit.Tell(new AttemptEnded(attempt.Id, AttemptResult.NotSent(AttemptCause.NotConnected, reason)));

    private void Follow(SessionStep step, StartAttempt attempt, ServerCatalogue? catalogue, string notSentReason)
    {
        if (step == SessionStep.Send)
            runner.Start(_connection!, attempt, catalogue);
        else if (step == SessionStep.SessionGone)
            circuit.Tell(new AttemptEnded(attempt.Id, AttemptResult.SessionGone));
        else if (step == SessionStep.NotSent)
            NotSent(attempt, notSentReason);
    }
}
