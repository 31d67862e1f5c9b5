using System.Diagnostics;
using Akka.Actor;
using McpActors.Balancing;
using McpActors.Connections;
using McpActors.Routing;

namespace McpActors.Calls;

/// <summary>
/// A call from its arrival until it is answered and nothing of it runs any more. At most two attempts run at a time: the second is a hedge.
/// Owned by the router alone.
/// </summary>
internal sealed class PendingCall(CallPlan plan, IActorRef caller, DateTimeOffset startedAt)
{
    // Nearly every call is one attempt: the second makes the arrays grow, the first costs no list.
    private Attempt[] _attempts = [];
    private ServerEntry[] _tried = [];
    private PendingAttempt? _first;
    private PendingAttempt? _second;

    public CallPlan Plan => plan;

    public CallRequest Request => plan.Request;

    public CallOptions Options => plan.Options;

    public IActorRef Caller => caller;

    public DateTimeOffset StartedAt => startedAt;

    /// <summary>The call's span; null when it is not traced.</summary>
    public Activity? Activity { get; init; }

    /// <summary>What attempts are traced under: the call's span, else what the caller is traced under.</summary>
    public ActivityContext TraceContext => Activity?.Context ?? Options.TraceContext;

    /// <summary>When the call's time is up; moves when its server reports progress and the caller asked for that.</summary>
    public DateTimeOffset Deadline { get; private set; } = startedAt + plan.Timeout;

    /// <summary>The caller has its answer; what still runs is being given up.</summary>
    public bool Answered { get; set; }

    /// <summary>The caller wants no answer any more.</summary>
    public bool CancelAsked { get; set; }

    /// <summary>The server that is tried at <see cref="RetryAt"/>.</summary>
    public ServerEntry? Next { get; set; }

    /// <summary>When the wait before the next attempt is over; null when nothing waits.</summary>
    public DateTimeOffset? RetryAt { get; set; }

    /// <summary>When a second attempt is sent beside the one that runs; null: not.</summary>
    public DateTimeOffset? HedgeAt { get; set; }

    /// <summary>When the deadline queue hands it out next; null when nothing is due any more.</summary>
    public DateTimeOffset? Due { get; set; }

    public AttemptResult? LastResult { get; private set; }

    /// <summary>The attempts that ended, in order of their end.</summary>
    public IReadOnlyList<Attempt> Attempts => _attempts;

    public IReadOnlyList<ServerEntry> Tried => _tried;

    public int AttemptCount => _tried.Length;

    /// <summary>The server that was tried last, or is to be tried first.</summary>
    public ServerEntry LastServer => _tried.Length > 0 ? _tried[^1] : plan.First;

    public bool IsRunning => _first is not null;

    /// <summary>What runs: none, one, or the first and its hedge.</summary>
    public (PendingAttempt? First, PendingAttempt? Second) Running => (_first, _second);

    public void Started(PendingAttempt attempt)
    {
        if (_first is null)
            _first = attempt;
        else
            _second = attempt;
        _tried = [.. _tried, attempt.Server];
    }

    public void Ended(PendingAttempt attempt, AttemptResult result, DateTimeOffset now)
    {
        if (ReferenceEquals(attempt, _first))
            (_first, _second) = (_second, null);
        else
            _second = null;
        if (Answered)
            return;
        LastResult = result;
        var error = result.Outcome == AttemptOutcome.Succeeded ? null : result.Error;
        // An attempt that still runs when the other has answered is told as given up, before the one that counts.
        _attempts = result.Outcome == AttemptOutcome.Succeeded && _first is { } loser
            ? [.. _attempts, new Attempt(loser.Server.Name, AttemptOutcome.Cancelled, "another attempt answered first", now - loser.StartedAt), Of(attempt)]
            : [.. _attempts, Of(attempt)];

        Attempt Of(PendingAttempt ended) => new(ended.Server.Name, result.Outcome, error, now - ended.StartedAt);
    }

    /// <summary>The server reported progress: the call and the attempt get their time anew, up to the longest that the caller allows.</summary>
    public void Progressed(PendingAttempt attempt, DateTimeOffset now)
    {
        if (Options.MaxTimeout is not { } most || attempt.GivenUp)
            return;
        var last = startedAt + most;
        Deadline = Later(Deadline, Earlier(now + plan.Timeout, last));
        attempt.Deadline = Later(attempt.Deadline, Earlier(now + attempt.Time, Deadline));
    }

    /// <summary>The next moment at which something is to be done.</summary>
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

/// <summary>An attempt of a call that is under way.</summary>
internal sealed class PendingAttempt(long id, PendingCall call, ServerEntry server, DateTimeOffset startedAt, DateTimeOffset deadline, bool safe)
{
    public long Id => id;

    public PendingCall Call => call;

    public ServerEntry Server => server;

    public DateTimeOffset StartedAt => startedAt;

    public bool Safe => safe;

    /// <summary>The attempt's span; null when it is not traced.</summary>
    public Activity? Activity { get; init; }

    /// <summary>When it is given up.</summary>
    public DateTimeOffset Deadline { get; set; } = deadline;

    /// <summary>How much time it was given at first.</summary>
    public TimeSpan Time { get; } = deadline - startedAt;

    /// <summary>It was given up and its answer is awaited until then.</summary>
    public DateTimeOffset? AnswerDue { get; set; }

    public bool GivenUp => AnswerDue is not null;

    public DateTimeOffset Due => AnswerDue ?? Deadline;
}
