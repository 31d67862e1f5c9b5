using Akka.Actor;
using McpActors.Connections;

namespace McpActors.Routing;

/// <summary>A call from its arrival to its one answer. Owned by the router alone.</summary>
internal sealed class PendingCall(CallRequest request, CallOptions options, IActorRef caller, DateTimeOffset startedAt, DateTimeOffset deadline)
{
    // Nearly every call is one attempt: the second makes the arrays grow, the first costs no list.
    private Attempt[] _attempts = [];
    private ServerEntry[] _tried = [];

    public CallRequest Request => request;

    public CallOptions Options => options;

    public IActorRef Caller => caller;

    public DateTimeOffset StartedAt => startedAt;

    public DateTimeOffset Deadline => deadline;

    /// <summary>The group that serves it; null when it is addressed to one server.</summary>
    public ServerGroup? Group { get; init; }

    /// <summary>The strategy for it; null: the group's.</summary>
    public string? Strategy { get; init; }

    /// <summary>It may be repeated, whatever the servers say of the tool.</summary>
    public bool Safe { get; init; }

    /// <summary>It is addressed to one server and never moves.</summary>
    public bool Pinned => Group is null;

    /// <summary>When the router has to look at it again: the attempt's time is up, a delay is over, or an answer to a cancel is overdue.</summary>
    public DateTimeOffset? Due { get; set; }

    /// <summary>The caller wants no answer any more.</summary>
    public bool CancelAsked { get; set; }

    public RunningAttempt? Running { get; private set; }

    /// <summary>The server that is tried once the delay is over.</summary>
    public ServerEntry? Next { get; set; }

    public AttemptResult? LastResult { get; private set; }

    public IReadOnlyList<ServerEntry> Tried => _tried;

    public int AttemptCount => _tried.Length;

    public void Started(RunningAttempt attempt)
    {
        Running = attempt;
        _tried = [.. _tried, attempt.Server];
    }

    public void Ended(RunningAttempt attempt, AttemptResult result, DateTimeOffset now)
    {
        LastResult = result;
        Running = null;
        var error = result.Outcome == AttemptOutcome.Succeeded ? null : result.Error;
        _attempts = [.. _attempts, new Attempt(attempt.Server.Name, result.Outcome, error, now - attempt.StartedAt)];
    }

    public IReadOnlyList<Attempt> Attempts => _attempts;
}

/// <summary>The attempt of a call that is under way.</summary>
internal sealed record RunningAttempt(long Id, ServerEntry Server, DateTimeOffset StartedAt, bool Safe)
{
    /// <summary>It was given up and its answer is awaited.</summary>
    public bool GivenUp { get; set; }
}
