using Akka.Actor;
using McpActors.Balancing;
using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Resilience;
using McpActors.Routing;

namespace McpActors.Calls;

/// <summary>
/// Runs planned calls: sends attempts, decides after each one whether the caller is answered or another server is tried, and answers each
/// caller exactly once. The decisions are pure (<see cref="ServerGroup"/>, <see cref="FailoverPolicy"/>, <see cref="HedgeDelays"/>,
/// <see cref="RetryBudget"/>, <see cref="CallErrors"/>). Owned by the router alone.
/// </summary>
internal sealed class CallRunner(
    PoolSettings pool, Random random, CallTable calls, CallPlanner planner, ServerTable servers, CallTelemetry telemetry, IActorRef parent)
{
    /// <summary>How long a circuit may take to confirm a cancel. It confirms at once unless its actor is gone.</summary>
    private static readonly TimeSpan CancelGrace = TimeSpan.FromMilliseconds(500);

    private readonly HedgeDelays _hedges = new();
    private PoolSettings _pool = pool;
    private RetryBudget _budget = new(pool.RetryBudget);
    private IActorRef _waitsForEnd = ActorRefs.Nobody;

    /// <summary>Runs calls by these settings from now on; running calls keep their plans.</summary>
    public void Apply(PoolSettings settings)
    {
        if (settings.RetryBudget != _pool.RetryBudget)
            _budget = new RetryBudget(settings.RetryBudget);
        _pool = settings;
    }

    /// <summary>Counts a call that runs for the retry budget.</summary>
    public void CountCall(DateTimeOffset now) => _budget.Deposit(now);

    public void Run(CallPlan plan, IActorRef caller, DateTimeOffset now)
    {
        var call = new PendingCall(plan, caller, now);
        calls.Add(call);
        call.Activity = CallTelemetry.CallStarted(plan);
        telemetry.ActiveCalls = calls.Count;
        Send(call, plan.First, now);
        if (plan is { Hedge: { } hedge, Group: not null } && _hedges.For(hedge, call.Request.ShortName, now) is { } wait)
        {
            call.HedgeAt = now + wait;
            calls.Schedule(call);
        }
    }

    // Attempts

    private void Send(PendingCall call, ServerEntry server, DateTimeOffset now)
    {
        var plan = call.Plan;
        var safe = plan.IsSafeOn(server);
        var deadline = AttemptDeadline(call, server, safe, now);
        var attempt = new PendingAttempt(CallTable.NextAttemptId(), call, server, now, deadline, safe)
        {
            Activity = CallTelemetry.AttemptStarted(call, server),
        };
        // A hedge is a second server for this one call, not a new server for its affinity key.
        if (!call.IsRunning)
            planner.Sent(plan, server);
        call.Add(attempt);
        calls.Add(attempt);
        server.CountStart();
        var forced = server.IsBlockedByCircuit;
        if (server.Report.Circuit == CircuitState.HalfOpen && server.TrialAttempt is null)
        {
            server.TrialAttempt = attempt.Id;
            servers.Changed(server);
        }
        calls.Schedule(call);
        server.Circuit.Tell(new StartAttempt(attempt.Id, plan.Request, attempt.Deadline, plan.Options.ProgressTo, plan.Options.CallId)
        {
            OnSession = plan.OnSession,
            Forced = forced,
            WatchProgress = plan.Options.MaxTimeout is not null,
            Trace = CallTelemetry.TraceOf(attempt),
        });
    }

    // An attempt that may be repeated leaves time for another server, so that a hanging server does not cost the call.
    private DateTimeOffset AttemptDeadline(PendingCall call, ServerEntry server, bool safe, DateTimeOffset now)
    {
        var plan = call.Plan;
        if (!safe || plan.Group is not { } group || !PolicyOf(call).MayTryAgain(call.AttemptCount + 1))
            return call.Deadline;
        if (!group.HasMore(plan.Request.Needed, plan.Safe, call.Tried, server))
            return call.Deadline;
        var deadline = now + (_pool.AttemptTimeout ?? ((call.Deadline - now) / 2));
        return deadline < call.Deadline ? deadline : call.Deadline;
    }

    public void Progress(long attemptId, DateTimeOffset now)
    {
        if (calls.Find(attemptId) is not { } attempt)
            return;
        attempt.Call.Progressed(attempt, now);
        calls.Schedule(attempt.Call);
    }

    /// <summary>
    /// Counts the end of an attempt and answers the caller or goes on. The first end of an attempt counts, later ones are ignored.
    /// </summary>
    public void EndAttempt(long attemptId, AttemptResult result, DateTimeOffset now)
    {
        if (!calls.TryRemove(attemptId, out var attempt))
            return;
        var (call, server, elapsed) = (attempt.Call, attempt.Server, now - attempt.StartedAt);
        server.CountEnd(result, elapsed, now);
        telemetry.AttemptEnded(attempt, result, now);
        if (server.TrialAttempt == attemptId)
        {
            server.TrialAttempt = null;
            servers.Changed(server);
        }
        if (result.Cause == AttemptCause.SessionLost)
            planner.SessionLost(call.Plan);
        if (result is { Outcome: AttemptOutcome.Refused, RetryAfter: { } pause })
            servers.Pause(server, pause, now);
        call.Plan.Group?.Ended(server, result.Outcome, elapsed);
        call.Complete(attempt, result, now);
        if (call.Answered)
            ForgetIfIdle(call);
        else
            Continue(call, attempt, result, now);
    }

    private void Continue(PendingCall call, PendingAttempt attempt, AttemptResult result, DateTimeOffset now)
    {
        if (result.Outcome == AttemptOutcome.Succeeded)
        {
            Answer(call, attempt.Server, result, now);
            return;
        }
        var mayFollow = !call.CancelAsked;
        var next = mayFollow && !call.IsRunning ? NextFor(call, result) : null;
        var step = PolicyOf(call).Decide(new FinishedAttempt(
            result,
            attempt.Safe,
            call.Options.Mode == CallMode.Failover,
            call.Plan.Pinned,
            call.AttemptCount,
            next is not null,
            call.Deadline - now));
        var overBudget = step == NextStep.TryNext && FailoverPolicy.CostsBudget(result) && !_budget.TryWithdraw(now);
        if (overBudget)
        {
            telemetry.RetryDenied();
            step = NextStep.Exhausted;
        }
        switch (step)
        {
            case NextStep.Answer:
                Answer(call, attempt.Server, result, now);
                break;
            case NextStep.Stop:
                Fail(call, CallErrors.Stopped(call, attempt.Server, result, attempt.Safe), now);
                break;
            case NextStep.Exhausted when mayFollow && call.IsRunning:
                // The other attempt of a hedged call may still answer.
                calls.Schedule(call);
                break;
            case NextStep.Exhausted:
                Fail(call, call.CancelAsked ? CallErrors.Cancelled(call) : CallErrors.Exhausted(call, result, now, overBudget), now);
                break;
            case NextStep.TryNext:
                FailOver(call, attempt.Server, next!, result.Outcome, now);
                break;
        }
    }

    private static ServerEntry? NextFor(PendingCall call, AttemptResult? result) =>
        call.Plan.Group?.ChooseNext(
            call.Request.Needed,
            call.Plan.Safe,
            onlyKnownToHaveIt: result?.Outcome == AttemptOutcome.NotSupported && call.Request.Needed is not null,
            call.Tried,
            call.Plan.Strategy,
            call.Options.AffinityKey);

    private void FailOver(PendingCall call, ServerEntry from, ServerEntry next, AttemptOutcome outcome, DateTimeOffset now)
    {
        parent.Tell(new CallFailedOver(call.Request.ShortName, call.Options.CallId, from.Name, next.Name, outcome, now));
        telemetry.FailedOver(call, from, next, outcome);
        call.HedgeAt = null;
        var delay = PolicyOf(call).Delay(call.AttemptCount);
        if (delay == TimeSpan.Zero)
        {
            Send(call, next, now);
            return;
        }
        call.Next = next;
        call.RetryAt = now + delay < call.Deadline ? now + delay : call.Deadline;
        calls.Schedule(call);
    }

    // A second attempt beside the first, if the first may be repeated, another server can take it, and the budget allows it.
    private void Hedge(PendingCall call, DateTimeOffset now)
    {
        call.HedgeAt = null;
        if (call.CancelAsked || call.Running is not ({ Safe: true, GivenUp: false }, null))
            return;
        if (!PolicyOf(call).MayTryAgain(call.AttemptCount))
            return;
        if (NextFor(call, null) is not { } other || !call.Plan.IsSafeOn(other) || !_budget.TryWithdraw(now))
            return;
        telemetry.Hedged(call);
        Send(call, other, now);
    }

    private FailoverPolicy PolicyOf(PendingCall call) => new(call.Plan.Failover, random);

    // Answers

    private void Answer(PendingCall call, ServerEntry server, AttemptResult result, DateTimeOffset now)
    {
        if (call.Plan.Hedge is not null)
            _hedges.Record(call.Request.ShortName, now - call.StartedAt, now);
        call.Caller.Tell(new CallCompleted(result.Result, server.Name, call.Attempts, now - call.StartedAt));
        End(call, now);
        telemetry.CallEnded(call, server.Name, null, now);
    }

    private void Fail(PendingCall call, PoolError error, DateTimeOffset now)
    {
        error = CallErrors.WithOutcome(call, error);
        call.Caller.Tell(new CallFailed(error, call.Attempts, now - call.StartedAt));
        End(call, now);
        telemetry.CallEnded(call, error.Server, error, now);
    }

    // The caller has its answer. An attempt that still runs is cancelled at its server and counted when it ends.
    private void End(PendingCall call, DateTimeOffset now)
    {
        calls.MarkAnswered(call);
        (call.RetryAt, call.HedgeAt) = (null, null);
        if (call.Running.First is { GivenUp: false } loser)
            GiveUp(loser, CancelReason.Caller, now);
        ForgetIfIdle(call);
    }

    private void ForgetIfIdle(PendingCall call)
    {
        calls.ForgetIfIdle(call);
        telemetry.ActiveCalls = calls.Count;
        ReportIfAllEnded();
    }

    /// <summary>Sends <see cref="CallsEnded"/> to the observer once no call is left.</summary>
    public void ReportWhenAllEnded(IActorRef observer)
    {
        _waitsForEnd = observer;
        ReportIfAllEnded();
    }

    private void ReportIfAllEnded()
    {
        if (calls.Count > 0 || _waitsForEnd.IsNobody())
            return;
        _waitsForEnd.Tell(new CallsEnded());
        _waitsForEnd = ActorRefs.Nobody;
    }

    // Time

    /// <summary>Does everything that is due: gives attempts up, hedges, tries again.</summary>
    public void RunDue(DateTimeOffset now)
    {
        while (calls.TryTakeDue(now, out var call))
        {
            var (first, second) = call.Running;
            RunDue(first, now);
            RunDue(second, now);
            if (call.HedgeAt <= now)
                Hedge(call, now);
            if (call.RetryAt <= now)
                TryAgain(call, now);
            if (call.Answered)
                ForgetIfIdle(call);
            else
                calls.Schedule(call);
        }
    }

    private void RunDue(PendingAttempt? attempt, DateTimeOffset now)
    {
        if (attempt is null || attempt.Due > now)
            return;
        if (!attempt.GivenUp)
        {
            GiveUp(attempt, CancelReason.Deadline, now);
            return;
        }
        attempt.Server.Circuit.Tell(new ForgetAttempt(attempt.Id));
        telemetry.CancelUnconfirmed(attempt);
        // A cancel stays one although it is not confirmed in time: the connection may be on another node, or its machine busy.
        EndAttempt(attempt.Id, attempt.GivenUpFor == CancelReason.Caller
            ? new AttemptResult(AttemptOutcome.Cancelled)
            {
                Error = "cancelled by the caller; the server has not confirmed it",
                CancelledAfterSend = true,
            }
            : AttemptResult.Lost("no answer in the time given to this attempt", AttemptCause.TimedOut), now);
    }

    private void TryAgain(PendingCall call, DateTimeOffset now)
    {
        var next = call.Next!;
        (call.Next, call.RetryAt) = (null, null);
        // The server that was chosen before the delay may be unavailable by now.
        if (call.Deadline <= now)
            Fail(call, CallErrors.DeadlineExceeded(call), now);
        else if (next.IsAvailable || (next = NextFor(call, call.LastResult)) is not null)
            Send(call, next, now);
        else
            Fail(call, CallErrors.Exhausted(call, call.LastResult!, now), now);
    }

    private static void GiveUp(PendingAttempt attempt, CancelReason reason, DateTimeOffset now)
    {
        attempt.GiveUp(reason, now + CancelGrace);
        attempt.Server.Circuit.Tell(new CancelAttempt(attempt.Id, reason));
    }

    // Endings from outside

    /// <summary>Cancels a call: its attempts are cancelled at their servers, and the caller is answered when they have ended.</summary>
    public void Cancel(PendingCall call, DateTimeOffset now)
    {
        call.CancelAsked = true;
        var (first, second) = call.Running;
        if (first is null)
        {
            Fail(call, CallErrors.Cancelled(call), now);
            return;
        }
        if (!first.GivenUp)
            GiveUp(first, CancelReason.Caller, now);
        if (second is { GivenUp: false })
            GiveUp(second, CancelReason.Caller, now);
        calls.Schedule(call);
    }

    /// <summary>Ends the attempts of a circuit whose actor has died. A circuit that stops in order has ended them before.</summary>
    public void EndAttemptsAt(IActorRef circuit, DateTimeOffset now)
    {
        foreach (var attempt in calls.TakeAttemptsAt(circuit))
            EndAttempt(attempt.Id, AttemptResult.Lost("the server's circuit failed unexpectedly"), now);
    }

    /// <summary>Answers every call that still waits, because the router stops.</summary>
    public void Stop(DateTimeOffset now)
    {
        foreach (var call in calls.Unanswered)
        {
            try
            {
                Stop(call, now);
            }
            catch (Exception) when (!call.Answered)
            {
                // Whatever fails, every caller gets an answer.
                call.Caller.Tell(new CallFailed(CallErrors.Stopped(call), call.Attempts, now - call.StartedAt));
            }
            catch (Exception)
            {
                // The caller has its answer.
            }
        }
    }

    private void Stop(PendingCall call, DateTimeOffset now)
    {
        if (call.Running.First is not { } attempt)
        {
            Fail(call, CallErrors.PoolStopped, now);
            return;
        }
        attempt.Server.Circuit.Tell(new CancelAttempt(attempt.Id, CancelReason.Caller));
        var lost = AttemptResult.Lost("the pool stopped before the answer came");
        call.Complete(attempt, lost, now);
        var error = attempt.Safe
            ? CallErrors.Exhausted(call, lost, now)
            : CallErrors.Stopped(call, attempt.Server, lost, safe: false);
        Fail(call, error, now);
    }
}
