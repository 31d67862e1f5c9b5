using Akka.Actor;
using Akka.Event;
using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Resilience;
using McpActors.Routing.Balancing;

namespace McpActors.Routing;

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
    private sealed record Tick;
    private sealed record PauseOver(ServerEntry Server);

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

    private readonly PoolSettings _pool;
    private readonly IReadOnlyDictionary<string, StrategyFactory> _strategies;
    private readonly RouteTable _routes;
    private readonly ServerTable _servers;
    private readonly CallSafety _safety;
    private readonly FailoverPolicy _failover;
    private readonly RetryBudget _budget;
    private readonly Dictionary<long, PendingCall> _running = [];
    private readonly HashSet<PendingCall> _calls = [];
    private readonly Dictionary<string, PendingCall> _byCallId = new(StringComparer.Ordinal);
    private readonly DeadlineQueue<PendingCall> _deadlines = new(call => call.Due);
    private readonly ITimeProvider _scheduler = Context.System.Scheduler;
    private readonly ILoggingAdapter _log = Context.GetLogger();

    // What waits for the servers after a crash. Not Akka's stash, whose mailbox would cost every message of every call for this one case.
    private readonly List<(object Message, IActorRef Sender)> _kept = [];

    private bool _ticking;
    private bool _closing;
    private IActorRef _waitsForEnd = ActorRefs.Nobody;

    public RouterActor(PoolSettings pool, IReadOnlyDictionary<string, StrategyFactory> strategies, int seed)
    {
        var random = new Random(seed);
        _pool = pool;
        _strategies = strategies;
        _routes = new RouteTable(pool.Routes, pool.DefaultRoute);
        _servers = new ServerTable(pool, strategies, random, new SchedulerClock(_scheduler));
        _safety = new CallSafety([.. pool.IdempotentTools.Select(CompilePattern)]);
        _failover = new FailoverPolicy(pool.Failover, random);
        _budget = new RetryBudget(pool.RetryBudget);
        Serving();
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(PoolSettings pool, IReadOnlyDictionary<string, StrategyFactory> strategies, int seed) =>
        Akka.Actor.Props.Create(() => new RouterActor(pool, strategies, seed));

    private void Serving()
    {
        Receive<AttemptEnded>(OnAttemptEnded);
        Receive<IPoolCall>(OnCall);
        Receive<Tick>(_ => OnTick());
        Receive<CancelCall>(OnCancel);
        Receive<CancelCallOf>(OnCancelOf);
        Receive<ServerReported>(OnReported);
        Receive<ServerJoined>(OnJoined);
        Receive<ServerLeft>(left => _servers.Leave(left.Name));
        Receive<PauseOver>(OnPauseOver);
        Receive<Terminated>(OnCircuitDied);
        Receive<GetPoolStatus>(_ => Sender.Tell(Status()));
        Receive<GetStatusFor>(query => Sender.Tell(new StatusFor(query.Subscriber, Status())));
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
        Receive<ServersTold>(_ =>
        {
            Become(Serving);
            foreach (var (message, sender) in _kept)
                Self.Tell(message, sender);
            _kept.Clear();
        });
        Receive<AttemptEnded>(_ => { });
        ReceiveAny(message => _kept.Add((message, Sender)));
    }

    // A call arrives

    private void OnCall(IPoolCall message)
    {
        var now = Now;
        _budget.Deposit(now);
        if (!CallTranslation.TryTranslate(message, _pool.MaxRequestSize, out var request, out var problem)
            || (problem = ProblemOf(message.Options)) is not null)
        {
            Refuse(CallErrors.InvalidRequest(problem));
            return;
        }
        if (_closing)
        {
            Refuse(new PoolError(PoolErrorKind.NoServerAvailable, "The pool is shutting down and takes no new calls; nothing was sent."));
            return;
        }
        var options = message.Options ?? CallOptions.Default;
        var route = options is { Server: null, Group: null } ? _routes.Match(request.Tool ?? request.Method) : null;
        if ((options.Server ?? route?.Server) is { } serverName)
            StartPinned(request, options, serverName, now);
        else
            StartInGroup(request, options, (options.Group ?? route?.Group)!, options.Strategy ?? route?.LoadBalancing, now);
    }

    private string? ProblemOf(CallOptions? options)
    {
        if (options?.Strategy is { } strategy && !_strategies.ContainsKey(strategy))
            return $"there is no strategy {strategy}; there are {string.Join(", ", _strategies.Keys.Order(StringComparer.Ordinal))}";
        if (options?.CallId is { } id && _byCallId.ContainsKey(id))
            return $"a call with the id {id} is already running; ids must be unique among running calls";
        return null;
    }

    private void StartPinned(CallRequest request, CallOptions options, string name, DateTimeOffset now)
    {
        if (_servers.Find(name) is not { } server)
        {
            Refuse(CallErrors.UnknownServer(name));
            return;
        }
        if (!server.IsAvailable)
        {
            Refuse(CallErrors.NobodyAvailable(CallErrors.What(request), [server], null, now));
            return;
        }
        var call = new PendingCall(request, options, Sender, now, now + (options.Timeout ?? _pool.CallTimeout))
        {
            Safe = _safety.IsSafe(request, options.Idempotent, markedRepeatable: false),
        };
        Register(call);
        Send(call, server, now);
    }

    private void StartInGroup(CallRequest request, CallOptions options, string groupName, string? strategy, DateTimeOffset now)
    {
        if (_servers.FindGroup(groupName) is not { } group)
        {
            Refuse(CallErrors.UnknownGroup(groupName));
            return;
        }
        var safe = _safety.IsSafe(request, options.Idempotent, markedRepeatable: false);
        if (group.Candidates(request.Tool, safe) is not { } candidates)
        {
            Refuse(CallErrors.NobodyAvailable(CallErrors.What(request), group.Members, request.Tool, now));
            return;
        }
        var call = new PendingCall(request, options, Sender, now, now + (options.Timeout ?? _pool.CallTimeout))
        {
            Group = group,
            Strategy = strategy,
            Safe = safe,
        };
        Register(call);
        var first = options.Mode == CallMode.Failover
            ? group.ChooseBest(candidates, strategy, options.AffinityKey)
            : group.Choose(candidates, strategy, options.AffinityKey);
        Send(call, first, now);
    }

    private void Refuse(PoolError error) => Sender.Tell(new ExecuteFailed(error, [], TimeSpan.Zero));

    private void Register(PendingCall call)
    {
        _calls.Add(call);
        if (call.Options.CallId is { } id)
            _byCallId.Add(id, call);
        if (!_ticking)
        {
            _ticking = true;
            Timers.StartPeriodicTimer(TickTimer, TickNow, Resolution);
        }
    }

    // An attempt goes out and comes back

    private void Send(PendingCall call, ServerEntry server, DateTimeOffset now)
    {
        var safe = call.Safe
            || (call.Options.Idempotent is null && call.Request.Tool is { } tool && server.MarksRepeatable(tool));
        var attempt = new RunningAttempt(Interlocked.Increment(ref _lastAttemptId), server, now, safe);
        call.Started(attempt);
        _running.Add(attempt.Id, call);
        server.Started();
        if (server.Report.Circuit == CircuitState.HalfOpen)
        {
            server.TrialOut = true;
            _servers.Changed(server);
        }
        var deadline = AttemptDeadline(call, safe, now);
        SetDue(call, deadline);
        server.Circuit.Tell(new StartAttempt(attempt.Id, call.Request, safe, deadline, call.Options.ProgressTo, call.Options.CallId));
    }

    // An attempt that may be repeated leaves time for another server, so that a hang can still be saved.
    private DateTimeOffset AttemptDeadline(PendingCall call, bool safe, DateTimeOffset now)
    {
        if (!safe || call.Group is not { } group || !_pool.Failover.Enabled || call.AttemptCount >= _pool.Failover.MaxAttempts)
            return call.Deadline;
        if (group.Candidates(call.Request.Tool, call.Safe) is not { } candidates || candidates.Servers.Length <= call.AttemptCount)
            return call.Deadline;
        var deadline = now + (_pool.AttemptTimeout ?? ((call.Deadline - now) / 2));
        return deadline < call.Deadline ? deadline : call.Deadline;
    }

    private void OnAttemptEnded(AttemptEnded ended)
    {
        if (!_running.Remove(ended.AttemptId, out var call) || call.Running is not { } attempt)
            return;
        var now = Now;
        var (server, result) = (attempt.Server, ended.Result);
        server.Ended(result, now - attempt.StartedAt);
        if (server.TrialOut)
        {
            server.TrialOut = false;
            _servers.Changed(server);
        }
        if (result is { Outcome: AttemptOutcome.Refused, RetryAfter: { } rest })
            Pause(server, rest, now);
        call.Group?.Ended(server, result.Outcome, now - attempt.StartedAt);
        call.Ended(attempt, result, now);
        Continue(call, attempt, result, now);
    }

    private void Continue(PendingCall call, RunningAttempt attempt, AttemptResult result, DateTimeOffset now)
    {
        if (result.Outcome == AttemptOutcome.Succeeded)
        {
            Answer(call, attempt.Server, result, now);
            return;
        }
        var next = call.CancelAsked ? null : NextFor(call, result);
        var step = _failover.Decide(new FinishedAttempt(
            result, attempt.Safe, call.Pinned, call.AttemptCount, next is not null, call.Deadline - now));
        var overBudget = step == NextStep.TryNext && FailoverPolicy.CostsBudget(result) && !_budget.TryWithdraw(now);
        if (overBudget)
            step = NextStep.Exhausted;
        switch (step)
        {
            case NextStep.Answer:
                Answer(call, attempt.Server, result, now);
                break;
            case NextStep.Stop:
                Fail(call, CallErrors.Stopped(call, result, attempt.Safe), now);
                break;
            case NextStep.Exhausted:
                Fail(call, call.CancelAsked ? CallErrors.Cancelled(call) : CallErrors.Exhausted(call, result, now, overBudget), now);
                break;
            case NextStep.TryNext:
                FailOver(call, attempt.Server, next!, result.Outcome, now);
                break;
        }
    }

    private static ServerEntry? NextFor(PendingCall call, AttemptResult result) =>
        call.Group?.ChooseNext(
            call.Request.Tool,
            call.Safe,
            onlyKnownToHaveTool: result.Outcome == AttemptOutcome.NotSupported && call.Request.Tool is not null,
            call.Tried,
            call.Strategy,
            call.Options.AffinityKey);

    private void FailOver(PendingCall call, ServerEntry from, ServerEntry next, AttemptOutcome outcome, DateTimeOffset now)
    {
        Context.Parent.Tell(new CallFailedOver(call.Request.Name ?? call.Request.Method, call.Options.CallId, from.Name, next.Name, outcome, now));
        var delay = _failover.Delay(call.AttemptCount);
        if (delay == TimeSpan.Zero)
        {
            Send(call, next, now);
            return;
        }
        call.Next = next;
        SetDue(call, now + delay < call.Deadline ? now + delay : call.Deadline);
    }

    private void Answer(PendingCall call, ServerEntry server, AttemptResult result, DateTimeOffset now)
    {
        Forget(call);
        call.Caller.Tell(new Executed(result.Result, server.Name, call.Attempts, now - call.StartedAt));
    }

    private void Fail(PendingCall call, PoolError error, DateTimeOffset now)
    {
        Forget(call);
        call.Caller.Tell(new ExecuteFailed(error, call.Attempts, now - call.StartedAt));
    }

    private void Forget(PendingCall call)
    {
        call.Due = null;
        _calls.Remove(call);
        if (call.Options.CallId is { } id)
            _byCallId.Remove(id);
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

    private void SetDue(PendingCall call, DateTimeOffset due)
    {
        call.Due = due;
        _deadlines.Add(call, due);
    }

    private void OnTick()
    {
        var now = Now;
        while (_deadlines.TryTake(now, out var call))
            OnDue(call, now);
        if (_calls.Count > 0)
            return;
        _ticking = false;
        Timers.Cancel(TickTimer);
    }

    private void OnDue(PendingCall call, DateTimeOffset now)
    {
        if (call.Running is { GivenUp: true } unanswered)
        {
            _log.Warning("Server {Server} did not confirm a cancelled attempt; it is taken for lost", unanswered.Server.Name);
            OnAttemptEnded(new AttemptEnded(unanswered.Id, AttemptResult.Lost("no answer in the time given to this attempt", AttemptCause.TimedOut)));
        }
        else if (call.Running is { } running)
        {
            GiveUp(call, running, CancelReason.Deadline, now);
        }
        else if (call.Deadline <= now)
        {
            Fail(call, CallErrors.DeadlineExceeded(call), now);
        }
        else if (call.Next is { } next)
        {
            call.Next = null;
            // What was chosen before the delay may be gone by now.
            if (next.IsAvailable || (next = call.Group!.ChooseNext(call.Request.Tool, call.Safe, false, call.Tried, call.Strategy, call.Options.AffinityKey)) is not null)
                Send(call, next, now);
            else
                Fail(call, CallErrors.Exhausted(call, call.LastResult!, now), now);
        }
    }

    private void GiveUp(PendingCall call, RunningAttempt attempt, CancelReason reason, DateTimeOffset now)
    {
        attempt.GivenUp = true;
        SetDue(call, now + CancelGrace);
        attempt.Server.Circuit.Tell(new CancelAttempt(attempt.Id, reason));
    }

    // Cancelling

    private void OnCancel(CancelCall cancel)
    {
        if (!_byCallId.TryGetValue(cancel.CallId, out var call))
        {
            Sender.Tell(new Refused($"no call with the id {cancel.CallId} is running"));
            return;
        }
        Cancel(call);
        Sender.Tell(Done.Instance);
    }

    private void OnCancelOf(CancelCallOf cancel)
    {
        if (_calls.FirstOrDefault(call => ReferenceEquals(call.Caller, cancel.Caller)) is { } found)
            Cancel(found);
    }

    private void Cancel(PendingCall call)
    {
        var now = Now;
        call.CancelAsked = true;
        if (call.Running is not { } attempt)
            Fail(call, CallErrors.Cancelled(call), now);
        else if (!attempt.GivenUp)
            GiveUp(call, attempt, CancelReason.Caller, now);
    }

    // Servers

    private void OnJoined(ServerJoined joined)
    {
        _servers.Join(new ServerEntry(joined.Settings, joined.Circuit, joined.Ordinal));
        Context.Watch(joined.Circuit);
    }

    private void OnReported(ServerReported reported)
    {
        if (_servers.Find(reported.Name) is { } entry && entry.Circuit.Equals(reported.Circuit))
            _servers.Report(entry, reported.Report);
    }

    private void OnCircuitDied(Terminated died)
    {
        // Until the pool has put another in its place, nothing may be sent to where nobody answers.
        if (_servers.InOrder.FirstOrDefault(entry => entry.Circuit.Equals(died.ActorRef)) is { } server)
            _servers.Report(server, server.Report with { Connection = new ConnectionReport { Status = ServerStatus.Error, Reason = "internal error" } });
        // A circuit answers for what it holds when it stops; only after a fault of its own is there anything left here.
        foreach (var (id, _) in _running.Where(running => running.Value.Running!.Server.Circuit.Equals(died.ActorRef)).ToArray())
            OnAttemptEnded(new AttemptEnded(id, AttemptResult.Lost("the server's circuit failed unexpectedly")));
    }

    private PoolStatus Status() => new([.. _servers.InOrder.Select(entry => entry.Describe())], Now);

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

    // Settings are validated before they get here.
    private static NamePattern CompilePattern(string text) =>
        NamePattern.TryParse(text, out var pattern, out var problem)
            ? pattern
            : throw new InvalidSettingsException([new SettingsProblem("mcp-actors.pool.idempotent-tools", problem)]);

    protected override void PreRestart(Exception reason, object message)
    {
        if (message is IPoolCall)
            Refuse(new PoolError(PoolErrorKind.NoServerAvailable, "The router failed unexpectedly before it sent the call anywhere; try again."));
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
        foreach (var call in _calls.ToArray())
        {
            var lost = AttemptResult.Lost("the pool stopped before the answer came");
            if (call.Running is not { } attempt)
            {
                Fail(call, new PoolError(PoolErrorKind.NoServerAvailable, "The pool stopped before the call was sent anywhere else."), now);
                continue;
            }
            attempt.Server.Circuit.Tell(new CancelAttempt(attempt.Id, CancelReason.Caller));
            call.Ended(attempt, lost, now);
            Fail(call, attempt.Safe ? CallErrors.Exhausted(call, lost, now) : CallErrors.Stopped(call, lost, safe: false), now);
        }
    }
}
