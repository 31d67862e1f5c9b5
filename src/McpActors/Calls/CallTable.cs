using Akka.Actor;

namespace McpActors.Calls;

/// <summary>
/// The calls that the router holds, each until it is answered and none of its attempts runs. Finds them by id, by caller, by attempt, and
/// by the time at which something is due. Owned by the router alone.
/// </summary>
internal sealed class CallTable
{
    // Shared by all routers of the process, so that a late answer to an attempt of an earlier router matches no attempt of this one.
    private static long _lastAttemptId;

    private readonly HashSet<PendingCall> _calls = [];
    private readonly Dictionary<string, PendingCall> _byId = new(StringComparer.Ordinal);
    private readonly Dictionary<IActorRef, PendingCall> _byCaller = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<long, PendingAttempt> _attempts = [];

    // A set stays when it is empty, so that a call allocates none; it goes with its circuit.
    private readonly Dictionary<IActorRef, HashSet<PendingAttempt>> _byCircuit = [];
    private readonly DeadlineQueue<PendingCall> _deadlines = new(call => call.Due);

    public int Count => _calls.Count;

    /// <summary>The calls whose callers still wait.</summary>
    public IReadOnlyList<PendingCall> Unanswered => [.. _calls.Where(call => !call.Answered)];

    public static long NextAttemptId() => Interlocked.Increment(ref _lastAttemptId);

    public RouterLoad Load(bool ticking) => new(_calls.Count, _byId.Count, _attempts.Count, _deadlines.Count, ticking);

    /// <summary>Adds a call whose id, if it has one, no other unanswered call has.</summary>
    public void Add(PendingCall call)
    {
        _calls.Add(call);
        if (call.Options.CallId is { } id)
            _byId.Add(id, call);
        _byCaller.TryAdd(call.Caller, call);
    }

    /// <summary>The unanswered call with this id.</summary>
    public PendingCall? Find(string callId) => _byId.GetValueOrDefault(callId);

    /// <summary>The unanswered call of this caller; of several calls, the first.</summary>
    public PendingCall? FindOf(IActorRef caller) => _byCaller.GetValueOrDefault(caller);

    /// <summary>Marks the call as answered: its id may be used again. It stays until <see cref="ForgetIfIdle"/>.</summary>
    public void MarkAnswered(PendingCall call)
    {
        call.Answered = true;
        if (call.Options.CallId is { } id)
            _byId.Remove(id);
        if (ReferenceEquals(_byCaller.GetValueOrDefault(call.Caller), call))
            _byCaller.Remove(call.Caller);
    }

    /// <summary>Removes an answered call, unless an attempt of it still runs.</summary>
    public void ForgetIfIdle(PendingCall call)
    {
        if (call.IsRunning)
        {
            Schedule(call);
            return;
        }
        call.Due = null;
        _calls.Remove(call);
        // The entries that are left belong to answered calls and would keep them in memory.
        if (_calls.Count == 0)
            _deadlines.Clear();
    }

    public void Add(PendingAttempt attempt)
    {
        _attempts.Add(attempt.Id, attempt);
        if (!_byCircuit.TryGetValue(attempt.Server.Circuit, out var running))
            _byCircuit.Add(attempt.Server.Circuit, running = []);
        running.Add(attempt);
    }

    public PendingAttempt? Find(long attemptId) => _attempts.GetValueOrDefault(attemptId);

    /// <summary>Removes an attempt that has ended; false when its end is known already.</summary>
    public bool TryRemove(long attemptId, out PendingAttempt attempt)
    {
        if (!_attempts.Remove(attemptId, out attempt!))
            return false;
        if (_byCircuit.TryGetValue(attempt.Server.Circuit, out var running))
            running.Remove(attempt);
        return true;
    }

    /// <summary>The running attempts of a circuit that is gone, which the caller removes. Those of other circuits cost nothing.</summary>
    public IReadOnlyCollection<PendingAttempt> TakeAttemptsAt(IActorRef circuit) =>
        _byCircuit.Remove(circuit, out var running) ? running : [];

    /// <summary>Notes when something of the call is due next. Must be called after each change of its times or attempts.</summary>
    public void Schedule(PendingCall call)
    {
        var due = call.NextDue();
        if (due == call.Due)
            return;
        call.Due = due;
        if (due is { } at)
            _deadlines.Add(call, at);
    }

    /// <summary>Takes the next call of which something is due; it must be scheduled again.</summary>
    public bool TryTakeDue(DateTimeOffset now, out PendingCall call)
    {
        if (!_deadlines.TryTake(now, out call))
            return false;
        call.Due = null;
        return true;
    }
}
