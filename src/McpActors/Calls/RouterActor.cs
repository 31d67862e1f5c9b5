using Akka.Actor;
using Akka.Event;
using McpActors.Balancing;
using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Resilience;
using McpActors.Routing;

namespace McpActors.Calls;

/// <summary>
/// Matches the route, picks a server, and decides after each attempt whether the caller is answered or another server is tried. Holds every
/// call until its one answer. What is decided is pure (<see cref="RouteTable"/>, <see cref="ServerGroup"/>, <see cref="CallSafety"/>,
/// <see cref="FailoverPolicy"/>, <see cref="CallErrors"/>); this actor carries messages and time.
/// <code>
///   Serving ──CloseDoor──▶ Closing (calls under way end, new ones are refused)
///   after a crash: Restoring (calls wait) ──ServersTold──▶ Serving
/// </code>
/// </summary>
internal sealed class RouterActor : ReceiveActor, IWithTimers
{
    private sealed record Tick : INoSerializationVerificationNeeded;
    private sealed record PauseOver(ServerEntry Server) : INoSerializationVerificationNeeded;
    private sealed record WarmUp : INoSerializationVerificationNeeded;

    private const string TickTimer = "tick";

    /// <summary>How exactly deadlines are kept.</summary>
    private static readonly TimeSpan Resolution = TimeSpan.FromMilliseconds(20);

    /// <summary>How long a circuit may take to answer a cancel; it does so at once unless its actor is gone.</summary>
    private static readonly TimeSpan CancelGrace = TimeSpan.FromMilliseconds(500);

    /// <summary>A server that asks for a longer rest is tried again after this.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    private static readonly Tick TickNow = new();

    // Over all routers of the process, so that a late answer to an earlier router's attempt is never taken for one of ours.
    private static long _lastAttemptId;

    private readonly ServerTable _servers;
    private readonly CallPlanner _planner;
    private readonly HedgeDelays _hedges = new();
    private readonly SlowStart _slowStart = new();
    private readonly HashSet<PendingCall> _calls = [];
    private readonly Dictionary<long, PendingAttempt> _running = [];
    private readonly Dictionary<string, PendingCall> _byCallId = new(StringComparer.Ordinal);
    private readonly DeadlineQueue<PendingCall> _deadlines = new(call => call.Due);
    private readonly ITimeProvider _scheduler = Context.System.Scheduler;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CallTelemetry _telemetry;

    // What waits for the servers after a crash. Not Akka's stash, whose mailbox would cost every message of every call for this one case.
    private readonly List<(object Message, IActorRef Sender)> _kept = [];

    private PoolSettings _pool;
    private RetryBudget _budget;
    private bool _ticking;
    private bool _closing;
    private IActorRef _waitsForEnd = ActorRefs.Nobody;

    public RouterActor(PoolSettings pool, IReadOnlyDictionary<string, StrategyFactory> strategies, int seed)
    {
        var random = new Random(seed);
        _pool = pool;
        _telemetry = new CallTelemetry(Context.System, _log);
        _servers = new ServerTable(pool, strategies, random, new SchedulerClock(_scheduler));
        _planner = new CallPlanner(pool, strategies, _servers, random);
        _budget = new RetryBudget(pool.RetryBudget);
        Serving();
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(PoolSettings pool, IReadOnlyDictionary<string, StrategyFactory> strategies, int seed) =>
        Akka.Actor.Props.Create(() => new RouterActor(pool, strategies, seed));

    private void Serving()
    {
        Receive<AttemptEnded>(OnAttemptEnded);
        Receive<PoolCall>(OnCall);
        Receive<Tick>(_ => OnTick());
        Receive<AttemptProgressed>(OnProgressed);
        Receive<CancelCall>(OnCancel);
        Receive<CancelCallOf>(OnCancelOf);
        Receive<ServerReported>(OnReported);
        Receive<ServerJoined>(OnJoined);
        Receive<ServerLeft>(OnLeft);
        Receive<PauseOver>(OnPauseOver);
        Receive<WarmUp>(_ => OnWarmUp());
        Receive<SettingsChanged>(changed => Apply(changed.Settings));
        Receive<ReleaseCircuit>(release => Context.Parent.Tell(new CircuitReleased(release.Circuit)));
        Receive<Terminated>(OnCircuitDied);
        Receive<Explain>(explain => Sender.Tell(_planner.Explain(explain.Call, Now)));
        Receive<GetPoolStatus>(_ => Sender.Tell(Status()));
        Receive<GetStatusFor>(query => Sender.Tell(new StatusFor(query.Subscriber, Status())));
        Receive<GetLoad>(_ => Sender.Tell(new RouterLoad(_calls.Count, _byCallId.Count, _running.Count, _deadlines.Count, _ticking)));
        Receive<CloseDoor>(_ => _closing = true);
        Receive<TellWhenCallsEnded>(_ =>
        {
            _waitsForEnd = Sender;
            TellIfAllEnded();
        });
        Receive<ServersTold>(_ => { });
    }

    private void Restoring()
    {
        Receive<ServerJoined>(OnJoined);
        Receive<ServerReported>(OnReported);
        Receive<SettingsChanged>(changed => Apply(changed.Settings));
        Receive<ReleaseCircuit>(release => Context.Parent.Tell(new CircuitReleased(release.Circuit)));
        Receive<ServersTold>(_ =>
        {
            Become(Serving);
            foreach (var (message, sender) in _kept)
                Self.Tell(message, sender);
            _kept.Clear();
        });
        Receive<AttemptEnded>(_ => { });
        // Akka tells of a death once; one that is kept would not come again.
        Receive<Terminated>(OnCircuitDied);
        // Before the calls that wait.
        Receive<CloseDoor>(_ => _closing = true);
        ReceiveAny(message => _kept.Add((message, Sender)));
    }

    // A call arrives

    private void OnCall(PoolCall message)
    {
        var now = Now;
        _budget.Deposit(now);
        if (_closing)
            Refuse(message, new PoolError(PoolErrorKind.NoServerAvailable, "The pool is shutting down and takes no new calls; nothing was sent."));
        else if (message.Options?.CallId is { } id && _byCallId.ContainsKey(id))
            Refuse(message, CallErrors.InvalidRequest($"a call with the id {id} is already running; ids must be unique among running calls"));
        else if (!_planner.TryPlan(message, now, out var plan, out var refusal))
            Refuse(message, refusal);
        else
            Begin(new PendingCall(plan, Sender, now) { Activity = CallTelemetry.CallStarted(plan) }, now);
    }

    private void Refuse(PoolCall message, PoolError error)
    {
        Sender.Tell(new CallFailed(error, [], TimeSpan.Zero));
        _telemetry.Refused(message, error);
    }

    private void Begin(PendingCall call, DateTimeOffset now)
    {
        _calls.Add(call);
        _telemetry.ActiveCalls = _calls.Count;
        if (call.Options.CallId is { } id)
            _byCallId.Add(id, call);
        if (!_ticking)
        {
            _ticking = true;
            Timers.StartPeriodicTimer(TickTimer, TickNow, Resolution);
        }
        Send(call, call.Plan.First, now);
        if (call.Plan.Hedge is { } hedge && call.Plan.Group is not null && _hedges.For(hedge, NameOf(call), now) is { } wait)
        {
            call.HedgeAt = now + wait;
            Schedule(call);
        }
    }

    // An attempt goes out and comes back

    private void Send(PendingCall call, ServerEntry server, DateTimeOffset now)
    {
        var plan = call.Plan;
        var safe = CallPlanner.IsSafeOn(plan, server);
        var attempt = new PendingAttempt(Interlocked.Increment(ref _lastAttemptId), call, server, now, AttemptDeadline(call, server, safe, now), safe)
        {
            Activity = CallTelemetry.AttemptStarted(call, server),
        };
        // A hedge is a second server for this one call, not a new home for its key.
        if (!call.IsRunning)
            _planner.Sent(plan, server);
        call.Started(attempt);
        _running.Add(attempt.Id, attempt);
        server.Started();
        var forced = server.IsBlockedByCircuit;
        if (server.Report.Circuit == CircuitState.HalfOpen)
        {
            server.TrialOut = true;
            _servers.Changed(server);
        }
        Schedule(call);
        server.Circuit.Tell(new StartAttempt(attempt.Id, plan.Request, attempt.Deadline, plan.Options.ProgressTo, plan.Options.CallId)
        {
            OnSession = plan.OnSession,
            Forced = forced,
            WatchProgress = plan.Options.MaxTimeout is not null,
            Trace = CallTelemetry.TraceOf(attempt),
        });
    }

    // An attempt that may be repeated leaves time for another server, so that a hang can still be saved.
    private DateTimeOffset AttemptDeadline(PendingCall call, ServerEntry server, bool safe, DateTimeOffset now)
    {
        var plan = call.Plan;
        if (!safe || plan.Group is not { } group || !plan.Failover.MayTryAgain(call.AttemptCount + 1))
            return call.Deadline;
        if (group.Candidates(plan.Request.Tool, plan.Safe) is not { } candidates || !HasAnother(candidates, call, server))
            return call.Deadline;
        var deadline = now + (_pool.AttemptTimeout ?? ((call.Deadline - now) / 2));
        return deadline < call.Deadline ? deadline : call.Deadline;
    }

    // Those that were tried may have left the candidates meanwhile, so it is not enough to count.
    private static bool HasAnother(CandidateSet candidates, PendingCall call, ServerEntry than) =>
        candidates.Servers.Length > call.AttemptCount + 1
        || candidates.Servers.Any(candidate => !ReferenceEquals(candidate.Owner, than) && !call.Tried.Contains((ServerEntry)candidate.Owner));

    private void OnProgressed(AttemptProgressed progressed)
    {
        if (!_running.TryGetValue(progressed.AttemptId, out var attempt))
            return;
        attempt.Call.Progressed(attempt, Now);
        Schedule(attempt.Call);
    }

    private void OnAttemptEnded(AttemptEnded ended)
    {
        if (!_running.Remove(ended.AttemptId, out var attempt))
            return;
        var now = Now;
        var (call, server, result) = (attempt.Call, attempt.Server, ended.Result);
        server.Ended(result, now - attempt.StartedAt, now);
        _telemetry.AttemptEnded(attempt, result, now);
        if (server.TrialOut)
        {
            server.TrialOut = false;
            _servers.Changed(server);
        }
        if (result is { Outcome: AttemptOutcome.Refused, RetryAfter: { } rest })
            Pause(server, rest, now);
        call.Plan.Group?.Ended(server, result.Outcome, now - attempt.StartedAt);
        call.Ended(attempt, result, now);
        if (call.Answered)
            ForgetIfEnded(call);
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
        var step = call.Plan.Failover.Decide(new FinishedAttempt(
            result, attempt.Safe, call.Plan.Pinned, call.AttemptCount, next is not null, call.Deadline - now));
        var overBudget = step == NextStep.TryNext && FailoverPolicy.CostsBudget(result) && !_budget.TryWithdraw(now);
        if (overBudget)
        {
            _telemetry.RetryDenied();
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
                Schedule(call);
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
            call.Request.Tool,
            call.Plan.Safe,
            onlyKnownToHaveTool: result?.Outcome == AttemptOutcome.NotSupported && call.Request.Tool is not null,
            call.Tried,
            call.Plan.Strategy,
            call.Options.AffinityKey);

    private void FailOver(PendingCall call, ServerEntry from, ServerEntry next, AttemptOutcome outcome, DateTimeOffset now)
    {
        Context.Parent.Tell(new CallFailedOver(NameOf(call), call.Options.CallId, from.Name, next.Name, outcome, now));
        _telemetry.FailedOver(call, from, next, outcome);
        call.HedgeAt = null;
        var delay = call.Plan.Failover.Delay(call.AttemptCount);
        if (delay == TimeSpan.Zero)
        {
            Send(call, next, now);
            return;
        }
        call.Next = next;
        call.RetryAt = now + delay < call.Deadline ? now + delay : call.Deadline;
        Schedule(call);
    }

    // A second attempt beside the first, if that one may be repeated, there is another server for it, and the budget allows it.
    private void Hedge(PendingCall call, DateTimeOffset now)
    {
        call.HedgeAt = null;
        if (call.Running is not ({ Safe: true, GivenUp: false }, null) || !call.Plan.Failover.MayTryAgain(call.AttemptCount) || call.CancelAsked)
            return;
        if (NextFor(call, null) is not { } other || !CallPlanner.IsSafeOn(call.Plan, other) || !_budget.TryWithdraw(now))
            return;
        _telemetry.Hedged(call);
        Send(call, other, now);
    }

    private void Answer(PendingCall call, ServerEntry server, AttemptResult result, DateTimeOffset now)
    {
        if (call.Plan.Hedge is not null)
            _hedges.Record(NameOf(call), now - call.StartedAt, now);
        call.Caller.Tell(new CallCompleted(result.Result, server.Name, call.Attempts, now - call.StartedAt));
        _telemetry.CallEnded(call, server.Name, null, now);
        End(call, now);
    }

    private void Fail(PendingCall call, PoolError error, DateTimeOffset now)
    {
        call.Caller.Tell(new CallFailed(error, call.Attempts, now - call.StartedAt));
        _telemetry.CallEnded(call, error.Server, error, now);
        End(call, now);
    }

    // The caller has its answer; an attempt that still runs is cancelled at its server and counted when it has ended.
    private void End(PendingCall call, DateTimeOffset now)
    {
        call.Answered = true;
        (call.RetryAt, call.HedgeAt) = (null, null);
        if (call.Options.CallId is { } id)
            _byCallId.Remove(id);
        if (call.Running.First is { GivenUp: false } loser)
            GiveUp(loser, CancelReason.Caller, now);
        ForgetIfEnded(call);
    }

    private void ForgetIfEnded(PendingCall call)
    {
        if (call.IsRunning)
        {
            Schedule(call);
            return;
        }
        call.Due = null;
        _calls.Remove(call);
        _telemetry.ActiveCalls = _calls.Count;
        TellIfAllEnded();
    }

    private void TellIfAllEnded()
    {
        if (_calls.Count > 0 || _waitsForEnd.IsNobody())
            return;
        _waitsForEnd.Tell(new CallsEnded());
        _waitsForEnd = ActorRefs.Nobody;
    }

    // Time

    private void Schedule(PendingCall call)
    {
        var due = call.NextDue();
        if (due == call.Due)
            return;
        call.Due = due;
        if (due is { } at)
            _deadlines.Add(call, at);
    }

    private void OnTick()
    {
        var now = Now;
        while (_deadlines.TryTake(now, out var call))
        {
            call.Due = null;
            OnDue(call, now);
        }
        if (_calls.Count > 0)
            return;
        // Entries that were still in the queue are of calls long answered, and would keep them in memory.
        _deadlines.Clear();
        _ticking = false;
        Timers.Cancel(TickTimer);
    }

    private void OnDue(PendingCall call, DateTimeOffset now)
    {
        var (first, second) = call.Running;
        OnDue(first, now);
        OnDue(second, now);
        if (call.HedgeAt <= now)
            Hedge(call, now);
        if (call.RetryAt <= now)
            TryAgain(call, now);
        if (call.Answered)
            ForgetIfEnded(call);
        else
            Schedule(call);
    }

    private void OnDue(PendingAttempt? attempt, DateTimeOffset now)
    {
        if (attempt is null || attempt.Due > now)
            return;
        if (!attempt.GivenUp)
        {
            GiveUp(attempt, CancelReason.Deadline, now);
            return;
        }
        _log.Warning("Server {Server} did not confirm a cancelled attempt; it is taken for lost", attempt.Server.Name);
        OnAttemptEnded(new AttemptEnded(attempt.Id, AttemptResult.Lost("no answer in the time given to this attempt", AttemptCause.TimedOut)));
    }

    private void TryAgain(PendingCall call, DateTimeOffset now)
    {
        var next = call.Next!;
        (call.Next, call.RetryAt) = (null, null);
        // What was chosen before the delay may be gone by now.
        if (call.Deadline <= now)
            Fail(call, CallErrors.DeadlineExceeded(call), now);
        else if (next.IsAvailable || (next = NextFor(call, null)) is not null)
            Send(call, next, now);
        else
            Fail(call, CallErrors.Exhausted(call, call.LastResult!, now), now);
    }

    private static void GiveUp(PendingAttempt attempt, CancelReason reason, DateTimeOffset now)
    {
        attempt.AnswerDue = now + CancelGrace;
        attempt.Server.Circuit.Tell(new CancelAttempt(attempt.Id, reason));
    }

    // Cancelling

    private void OnCancel(CancelCall cancel)
    {
        if (cancel.CallId is null || !_byCallId.TryGetValue(cancel.CallId, out var call))
        {
            Sender.Tell(new CommandRefused($"no call with the id {cancel.CallId} is running"));
            return;
        }
        Cancel(call);
        Sender.Tell(CommandAccepted.Instance);
    }

    private void OnCancelOf(CancelCallOf cancel)
    {
        if (_calls.FirstOrDefault(call => ReferenceEquals(call.Caller, cancel.Caller)) is { Answered: false } found)
            Cancel(found);
    }

    private void Cancel(PendingCall call)
    {
        var now = Now;
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
        Schedule(call);
    }

    // Servers

    private void OnJoined(ServerJoined joined)
    {
        _servers.Join(new ServerEntry(joined.Settings, joined.Circuit, joined.Ordinal));
        Context.Watch(joined.Circuit);
    }

    private void OnReported(ServerReported reported)
    {
        if (_servers.Find(reported.Name) is not { } entry || !entry.Circuit.Equals(reported.Circuit))
            return;
        var wasConnected = entry.IsConnected;
        if (!wasConnected && reported.Report.Connection.Status == ServerStatus.Connected && _pool.SlowStart > TimeSpan.Zero)
            BeginWarmUp(entry);
        _servers.Report(entry, reported.Report);
    }

    private void BeginWarmUp(ServerEntry entry)
    {
        if (!_slowStart.IsActive)
            Timers.StartPeriodicTimer(nameof(WarmUp), new WarmUp(), SlowStart.StepOf(_pool.SlowStart));
        _slowStart.Begin(entry, Now);
    }

    private void OnWarmUp()
    {
        foreach (var entry in _slowStart.Step(_pool.SlowStart, Now))
            _servers.Changed(entry);
        if (!_slowStart.IsActive)
            Timers.Cancel(nameof(WarmUp));
    }

    private void OnLeft(ServerLeft left)
    {
        if (_servers.Find(left.Name) is { } entry)
            _slowStart.Forget(entry);
        _servers.Leave(left.Name);
    }

    // Calls under way keep the plan they were made with.
    private void Apply(PoolSettings settings)
    {
        if (settings.RetryBudget != _pool.RetryBudget)
            _budget = new RetryBudget(settings.RetryBudget);
        _pool = settings;
        _servers.Apply(settings);
        _planner.Apply(settings);
    }

    private void OnCircuitDied(Terminated died)
    {
        // Until the pool has put another in its place, nothing may be sent to where nobody answers.
        if (_servers.InOrder.FirstOrDefault(entry => entry.Circuit.Equals(died.ActorRef)) is { } server)
            _servers.Report(server, server.Report with { Connection = new ConnectionReport { Status = ServerStatus.Error, Reason = "internal error" } });
        // A circuit answers for what it holds when it stops; only after a fault of its own is there anything left here.
        foreach (var (id, _) in _running.Where(running => running.Value.Server.Circuit.Equals(died.ActorRef)).ToArray())
            OnAttemptEnded(new AttemptEnded(id, AttemptResult.Lost("the server's circuit failed unexpectedly")));
    }

    private PoolStatus Status()
    {
        var now = Now;
        return new([.. _servers.InOrder.Select(entry => entry.Describe(now))], now);
    }

    private void Pause(ServerEntry server, TimeSpan rest, DateTimeOffset now)
    {
        if (rest <= TimeSpan.Zero)
            return;
        rest = rest < LongestPause ? rest : LongestPause;
        server.PausedUntil = now + rest;
        _servers.Changed(server);
        Timers.StartSingleTimer((nameof(PauseOver), server.Name), new PauseOver(server), rest);
    }

    private void OnPauseOver(PauseOver over)
    {
        over.Server.PausedUntil = null;
        _servers.Changed(over.Server);
    }

    // Lifecycle

    private DateTimeOffset Now => _scheduler.Now;

    private static string NameOf(PendingCall call) => call.Request.Name ?? call.Request.Method;

    protected override void PreRestart(Exception reason, object message)
    {
        if (message is PoolCall call)
            Refuse(call, new PoolError(PoolErrorKind.NoServerAvailable, "The router failed unexpectedly before it sent the call anywhere; try again."));
        base.PreRestart(reason, message);
    }

    protected override void PostRestart(Exception reason)
    {
        _log.Error(reason, "The router failed unexpectedly and starts again");
        Become(Restoring);
        Context.Parent.Tell(new ServersWanted());
    }

    protected override void PostStop()
    {
        var now = Now;
        foreach (var call in _calls.Where(call => !call.Answered).ToArray())
        {
            var lost = AttemptResult.Lost("the pool stopped before the answer came");
            if (call.Running.First is not { } attempt)
            {
                Fail(call, new PoolError(PoolErrorKind.NoServerAvailable, "The pool stopped before the call was sent anywhere else."), now);
                continue;
            }
            attempt.Server.Circuit.Tell(new CancelAttempt(attempt.Id, CancelReason.Caller));
            call.Ended(attempt, lost, now);
            Fail(call, attempt.Safe ? CallErrors.Exhausted(call, lost, now) : CallErrors.Stopped(call, attempt.Server, lost, safe: false), now);
        }
    }
}
