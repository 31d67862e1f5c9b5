namespace McpActors.Connections;

/// <summary>What happens to an attempt, seen from the sessions of its server.</summary>
internal enum SessionStep
{
    /// <summary>It runs on the open connection.</summary>
    Send,

    /// <summary>It waits for the new session.</summary>
    Wait,

    /// <summary>It is refused: the session that it belongs to is gone.</summary>
    SessionGone,

    /// <summary>It is answered as not sent: there is no connection and no recovery under way.</summary>
    NotSent,
}

/// <summary>
/// A server that lost the session still works: the attempts that it refused for this, and those that arrive meanwhile, wait for a new
/// session and run on it. An attempt that belongs to a session never runs on another one. Pure.
/// </summary>
internal sealed class SessionRecovery
{
    private readonly List<StartAttempt> _waiting = [];

    /// <summary>A new session is being opened in place of a lost one.</summary>
    public bool IsActive { get; private set; }

    /// <summary>Attempts that wait for the new session.</summary>
    public int Waiting => _waiting.Count;

    /// <summary>The session was lost, and a new one is being opened.</summary>
    public void Begin() => IsActive = true;

    /// <summary>An attempt arrived.</summary>
    /// <param name="attempt">The attempt; kept when the answer is <see cref="SessionStep.Wait"/>.</param>
    /// <param name="isConnected">A connection is open.</param>
    /// <param name="session">The session of the open connection; null for none.</param>
    public SessionStep OnAttempt(StartAttempt attempt, bool isConnected, long? session)
    {
        if (attempt.OnSession is not null && (!isConnected || attempt.OnSession != session))
            return SessionStep.SessionGone;
        return isConnected ? SessionStep.Send : WaitIfActive(attempt);
    }

    /// <summary>The server refused an attempt because it lost the session that the attempt was sent in.</summary>
    /// <param name="attempt">The attempt; kept when the answer is <see cref="SessionStep.Wait"/>.</param>
    /// <param name="isConnected">A connection is open.</param>
    /// <param name="byOpenConnection">The open connection is the one that refused it, so its session is lost now.</param>
    public SessionStep OnRefused(StartAttempt attempt, bool isConnected, bool byOpenConnection)
    {
        if (attempt.OnSession is not null)
            return SessionStep.SessionGone;
        if (byOpenConnection)
            Begin();
        return isConnected && !byOpenConnection ? SessionStep.Send : WaitIfActive(attempt);
    }

    /// <summary>Removes a waiting attempt that is given up; false when it does not wait here.</summary>
    public bool TryRemove(long attemptId) => _waiting.RemoveAll(attempt => attempt.Id == attemptId) > 0;

    /// <summary>Ends the recovery, with a new session or without one.</summary>
    /// <returns>The attempts that waited, in the order of their arrival.</returns>
    public IReadOnlyList<StartAttempt> End()
    {
        IsActive = false;
        StartAttempt[] waited = [.. _waiting];
        _waiting.Clear();
        return waited;
    }

    private SessionStep WaitIfActive(StartAttempt attempt)
    {
        if (!IsActive)
            return SessionStep.NotSent;
        _waiting.Add(attempt);
        return SessionStep.Wait;
    }
}
