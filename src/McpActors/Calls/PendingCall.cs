using System.Diagnostics;
using Akka.Actor;
using McpActors.Balancing;
using McpActors.Connections;
using McpActors.Routing;

namespace McpActors.Calls;

/// <summary>
/// A call from its acceptance until it is answered and none of its attempts runs. At most two attempts run at a time: the second is a
/// hedge. Owned by the router alone.
/// </summary>
internal sealed class PendingCall(CallPlan plan, IActorRef caller, DateTimeOffset startedAt)
{
    // Nearly every call has one attempt, for which an array costs less than a list.
    private Attempt[] _attempts = [];
    private ServerEntry[] _tried = [];
    private PendingAttempt? _first;
    private PendingAttempt? _second;
    private bool _mayHaveRun;
    private bool _unsafeMayHaveRun;

    public CallPlan Plan => plan;

    public CallRequest Request => plan.Request;

    public CallOptions Options => plan.Options;

    public IActorRef Caller => caller;

    public DateTimeOffset StartedAt => startedAt;

    /// <summary>The call's span; null when it is not traced.</summary>
    public Activity? Activity { get; set; }

    /// <summary>The parent of the attempts' spans: the call's span, else the caller's.</summary>
    public ActivityContext TraceContext => Activity?.Context ?? Options.TraceContext;

    /// <summary>When the call's time is up. Progress that the server reports moves it if the caller set a longest time-out.</summary>
    public DateTimeOffset Deadline { get; private set; } = startedAt + plan.Timeout;

    /// <summary>The caller has its answer; attempts that still run are being cancelled.</summary>
    public bool Answered { get; set; }

    /// <summary>The call was cancelled from outside.</summary>
    public bool CancelAsked { get; set; }

    /// <summary>The server that is tried at <see cref="RetryAt"/>.</summary>
    public ServerEntry? Next { get; set; }

    /// <summary>When the wait before the next attempt is over; null when no attempt waits.</summary>
    public DateTimeOffset? RetryAt { get; set; }

    /// <summary>When a second attempt is sent beside the running one; null: never.</summary>
    public DateTimeOffset? HedgeAt { get; set; }

    /// <summary>When the call is due in the call table; null when nothing is due.</summary>
    public DateTimeOffset? Due { get; set; }

    public AttemptResult? LastResult { get; private set; }

    /// <summary>Whether a server may have run the call: an ended attempt did not rule it out, or one still runs.</summary>
    public bool MayHaveRun => _mayHaveRun || IsRunning;

    /// <summary>Whether a server may have run the call where it must not run twice.</summary>
    public bool UnsafeMayHaveRun => _unsafeMayHaveRun || _first is { Safe: false } || _second is { Safe: false };

    /// <summary>The attempts that ended, in order of their end.</summary>
    public IReadOnlyList<Attempt> Attempts => _attempts;

    public IReadOnlyList<ServerEntry> Tried => _tried;

    public int AttemptCount => _tried.Length;

    /// <summary>The server of the last attempt, or of the first one when none was sent yet.</summary>
    public ServerEntry LastServer => _tried.Length > 0 ? _tried[^1] : plan.First;

    public bool IsRunning => _first is not null;

    /// <summary>The running attempts: none, one, or the first and its hedge.</summary>
    public (PendingAttempt? First, PendingAttempt? Second) Running => (_first, _second);

    /// <summary>Notes that the attempt was sent.</summary>
    public void Add(PendingAttempt attempt)
    {
        if (_first is null)
            _first = attempt;
        else
            _second = attempt;
        _tried = [.. _tried, attempt.Server];
    }

    /// <summary>Notes that the attempt has ended.</summary>
    public void Complete(PendingAttempt attempt, AttemptResult result, DateTimeOffset now)
    {
        if (ReferenceEquals(attempt, _first))
            (_first, _second) = (_second, null);
        else
            _second = null;
        if (Answered)
            return;
        LastResult = result;
        _mayHaveRun |= result.MayHaveRun;
        _unsafeMayHaveRun |= result.MayHaveRun && !attempt.Safe;
        var error = result.Outcome == AttemptOutcome.Succeeded ? null : result.Error;
        // An attempt that still runs when the other one has answered is listed as cancelled, before the one that counts.
        if (result.Outcome == AttemptOutcome.Succeeded && _first is { } loser)
            _attempts = [.. _attempts, Describe(loser, AttemptOutcome.Cancelled, "another attempt answered first")];
        _attempts = [.. _attempts, Describe(attempt, result.Outcome, error)];

        Attempt Describe(PendingAttempt ended, AttemptOutcome outcome, string? problem) =>
            new(ended.Server.Name, outcome, problem, now - ended.StartedAt);
    }

    /// <summary>Restarts the time of the call and the attempt after progress, up to the longest time that the caller allows.</summary>
    public void Progressed(PendingAttempt attempt, DateTimeOffset now)
    {
        if (Options.MaxTimeout is not { } most || attempt.GivenUp)
            return;
        var last = startedAt + most;
        Deadline = Later(Deadline, Earlier(now + plan.Timeout, last));
        attempt.Deadline = Later(attempt.Deadline, Earlier(now + attempt.Time, Deadline));
    }

    /// <summary>The next time at which something of the call is due.</summary>
    public DateTimeOffset? NextDue()
    {
        var due = RetryAt;
        if (_first is { } first)
            due = due is { } retry ? Earlier(retry, first.Due) : first.Due;
        if (_second is { } second)
            due = due is { } sooner ? Earlier(sooner, second.Due) : second.Due;
        if (HedgeAt is { } hedge)
            due = due is { } soonest ? Earlier(soonest, hedge) : hedge;
        return due;
    }

    private static DateTimeOffset Earlier(DateTimeOffset left, DateTimeOffset right) => left < right ? left : right;

    private static DateTimeOffset Later(DateTimeOffset left, DateTimeOffset right) => left > right ? left : right;
}

/// <summary>A running attempt of a call.</summary>
internal sealed class PendingAttempt(
    long id, PendingCall call, ServerEntry server, DateTimeOffset startedAt, DateTimeOffset deadline, bool safe)
{
    public long Id => id;

    public PendingCall Call => call;

    public ServerEntry Server => server;

    public DateTimeOffset StartedAt => startedAt;

    /// <summary>The attempt may be repeated.</summary>
    public bool Safe => safe;

    /// <summary>The attempt's span; null when it is not traced.</summary>
    public Activity? Activity { get; init; }

    /// <summary>When the attempt is given up.</summary>
    public DateTimeOffset Deadline { get; set; } = deadline;

    /// <summary>The time the attempt was given at first.</summary>
    public TimeSpan Time { get; } = deadline - startedAt;

    /// <summary>Until when the circuit must confirm the cancel of the attempt; null while it is not given up.</summary>
    public DateTimeOffset? AnswerDue { get; private set; }

    /// <summary>Why it was given up; null while it is not.</summary>
    public CancelReason? GivenUpFor { get; private set; }

    public bool GivenUp => AnswerDue is not null;

    public DateTimeOffset Due => AnswerDue ?? Deadline;

    public void GiveUp(CancelReason reason, DateTimeOffset answerDue) => (GivenUpFor, AnswerDue) = (reason, answerDue);
}
