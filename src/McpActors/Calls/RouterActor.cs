using Akka.Actor;
using Akka.Event;
using McpActors.Balancing;
using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Routing;

namespace McpActors.Calls;

/// <summary>
/// Receives calls, plans them (<see cref="CallPlanner"/>) and runs them (<see cref="CallRunner"/>) on the servers that the pool reports to
/// it (<see cref="ServerTable"/>). Carries messages and time; the decisions are pure.
/// <code>
///   Serving ──CloseDoor──▶ Closing (running calls end, new calls are refused)
///   after a crash: Restoring (calls wait) ──ServersRestored──▶ Serving
/// </code>
/// </summary>
internal sealed class RouterActor : ReceiveActor, IWithTimers
{
    private sealed record Tick : INoSerializationVerificationNeeded
    {
        public static Tick Instance { get; } = new();
    }

    private sealed record WarmUp : INoSerializationVerificationNeeded;

    /// <summary>The precision of deadlines.</summary>
    private static readonly TimeSpan Resolution = TimeSpan.FromMilliseconds(20);

    private readonly ServerTable _servers;
    private readonly SlowStart _slowStart;
    private readonly CallPlanner _planner;
    private readonly CallTable _calls = new();
    private readonly CallRunner _runner;
    private readonly CallTelemetry _telemetry;
    private readonly PoolClock _clock = PoolClock.Of(Context.System);
    private readonly ILoggingAdapter _log = Context.GetLogger();

    // Messages that wait for the servers after a crash. Akka's stash needs a mailbox that would make every message of every call slower.
    private readonly List<(object Message, IActorRef Sender)> _kept = [];

    // The call that is being planned, which nothing else would answer after a crash.
    private PoolCall? _planning;

    private PoolRouting _routing;
    private bool _ticking;
    private bool _closing;

    public RouterActor(PoolSettings pool, IReadOnlyDictionary<string, StrategyFactory> strategies, int seed)
    {
        _routing = PoolRouting.Of(pool);
        var random = new Random(seed);
        strategies = GuardedStrategy.Guard(strategies, _log);
        _telemetry = new CallTelemetry(Context.System, _log);
        _servers = new ServerTable(pool, strategies, random, _clock);
        _slowStart = new SlowStart(pool.SlowStart);
        _planner = new CallPlanner(pool, strategies, _servers);
        _runner = new CallRunner(pool, random, _calls, _planner, _servers, _telemetry, Context.Parent);
        Serving();
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(PoolSettings pool, IReadOnlyDictionary<string, StrategyFactory> strategies, int seed) =>
        Akka.Actor.Props.Create(() => new RouterActor(pool, strategies, seed));

    private void Serving()
    {
        Receive<AttemptEnded>(ended => _runner.EndAttempt(ended.AttemptId, ended.Result, Advance()));
        Receive<PoolCall>(OnCall);
        Receive<Tick>(_ => OnTick());
        Receive<AttemptProgressed>(progressed => _runner.Progress(progressed.AttemptId, Advance()));
        Receive<CancelCall>(OnCancel);
        Receive<CancelCallOf>(OnCancelOf);
        Receive<ServerReported>(OnReported);
        Receive<ServerJoined>(OnJoined);
        Receive<ServerLeft>(OnLeft);
        Receive<PauseLifted>(OnPauseLifted);
        Receive<WarmUp>(_ => OnWarmUp());
        Receive<SettingsChanged>(changed => Apply(changed.Settings));
        Receive<ReleaseCircuit>(release => Context.Parent.Tell(new CircuitReleased(release.Circuit)));
        Receive<Terminated>(OnCircuitDied);
        Receive<Explain>(OnExplain);
        Receive<GetPoolStatus>(_ => Sender.Tell(Status()));
        Receive<GetStatusFor>(query => Sender.Tell(new StatusFor(query.Subscriber, Status())));
        Receive<GetLoad>(_ => Sender.Tell(_calls.Load(_ticking)));
        Receive<CloseDoor>(_ => _closing = true);
        Receive<ReportCallsEnded>(_ => _runner.ReportWhenAllEnded(Sender));
        Receive<ServersRestored>(_ => { });
    }

    private void Restoring()
    {
        // What the pool sends takes effect in the order sent.
        Receive<ServerJoined>(OnJoined);
        Receive<ServerLeft>(OnLeft);
        Receive<ServerReported>(OnReported);
        Receive<SettingsChanged>(changed => Apply(changed.Settings));
        Receive<ReleaseCircuit>(release => Context.Parent.Tell(new CircuitReleased(release.Circuit)));
        Receive<ServersRestored>(_ => OnRestored());
        Receive<AttemptEnded>(_ => { });
        // Akka reports a death once, so it must not wait with the calls.
        Receive<Terminated>(OnCircuitDied);
        // Must take effect before the calls that wait.
        Receive<CloseDoor>(_ => _closing = true);
        ReceiveAny(message => _kept.Add((message, Sender)));
    }

    private void OnRestored()
    {
        Become(Serving);
        ReturnKept();
    }

    private void ReturnKept()
    {
        foreach (var (message, sender) in _kept)
            Self.Tell(message, sender);
        _kept.Clear();
    }

    // Calls

    private void OnCall(PoolCall message)
    {
        _planning = message;
        var now = Advance();
        if (!TryPlan(message, now, out var plan, out var refusal))
        {
            Refuse(message, refusal);
            return;
        }
        _runner.CountCall(now);
        // Before the first attempt goes out: a circuit that has an attempt can rely on its deadline.
        StartTicking();
        _planning = null;
        _runner.Run(plan, Sender, now);
    }

    private void StartTicking()
    {
        if (_ticking)
            return;
        _ticking = true;
        Timers.StartPeriodicTimer(nameof(Tick), Tick.Instance, Resolution);
    }

    private bool TryPlan(PoolCall message, DateTimeOffset now, out CallPlan plan, out PoolError refusal)
    {
        plan = null!;
        if (_closing)
            refusal = CallErrors.Closing;
        else if (message.Options?.CallId is { } id && _calls.Find(id) is not null)
            refusal = CallErrors.DuplicateId(id);
        else
            return TryPlanOpen(message, now, out plan, out refusal);
        return false;
    }

    // One message must not end the calls of everybody else.
    private bool TryPlanOpen(PoolCall message, DateTimeOffset now, out CallPlan plan, out PoolError refusal)
    {
        try
        {
            return _planner.TryPlan(message, now, out plan, out refusal);
        }
        catch (Exception e)
        {
            var fault = Printable.Of(e);
            _log.Warning(fault, "A call could not be planned and is refused");
            (plan, refusal) = (null!, RoutingErrors.Unplannable(fault));
            return false;
        }
    }

    private void Refuse(PoolCall message, PoolError error)
    {
        _planning = null;
        Sender.Tell(new CallFailed(error, [], TimeSpan.Zero));
        _telemetry.CallRefused(message, error);
    }

    private void OnExplain(Explain explain)
    {
        Explanation explanation;
        try
        {
            explanation = explain.Call is { } call
                ? _planner.Explain(call, Advance())
                : new Explanation { Problem = RoutingErrors.InvalidRequest("the question names no call") };
        }
        catch (Exception e)
        {
            var fault = Printable.Of(e);
            _log.Warning(fault, "A call could not be explained");
            explanation = new Explanation { Problem = RoutingErrors.Unplannable(fault) };
        }
        Sender.Tell(explanation);
    }

    private void OnTick()
    {
        _runner.RunDue(Advance());
        if (_calls.Count > 0)
            return;
        _ticking = false;
        Timers.Cancel(nameof(Tick));
    }

    private void OnCancel(CancelCall cancel)
    {
        if (cancel.CallId is null || _calls.Find(cancel.CallId) is not { } call)
        {
            Sender.Tell(new CommandRefused($"no call with the id {CallWords.Cut(cancel.CallId ?? "")} is running"));
            return;
        }
        _runner.Cancel(call, Now);
        Sender.Tell(CommandAccepted.Instance);
    }

    private void OnCancelOf(CancelCallOf cancel)
    {
        if (_calls.FindOf(cancel.Caller) is { } call)
            _runner.Cancel(call, Now);
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
        _slowStart.Observe(entry, reported.Report, Now);
        if (_slowStart.IsActive && !Timers.IsTimerActive(nameof(WarmUp)))
            Timers.StartPeriodicTimer(nameof(WarmUp), new WarmUp(), _slowStart.Interval);
        _servers.Report(entry, reported.Report);
    }

    private void OnWarmUp()
    {
        foreach (var entry in _slowStart.Step(Now))
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

    private void OnPauseLifted(PauseLifted lifted)
    {
        if (_servers.Find(lifted.Name) is { } entry)
            _servers.EndPause(entry);
    }

    private void Apply(PoolSettings settings)
    {
        _routing = PoolRouting.Of(settings);
        _servers.Apply(settings);
        _slowStart.Window = settings.SlowStart;
        _planner.Apply(settings);
        _runner.Apply(settings);
    }

    private void OnCircuitDied(Terminated died)
    {
        // Until the pool has replaced the circuit, nothing may be sent to it.
        if (_servers.Find(died.ActorRef) is { } server)
        {
            var failed = new ConnectionReport { Status = ServerStatus.Error, Reason = "internal error" };
            _servers.Report(server, server.Report with { Connection = failed });
        }
        _runner.EndAttemptsAt(died.ActorRef, Advance());
    }

    private PoolStatus Status()
    {
        var now = Now;
        return new([.. _servers.InOrder.Select(entry => entry.Describe(now, _clock))], _clock.WallTime) { Routing = _routing };
    }

    // Time and lifecycle

    private DateTimeOffset Now => _clock.Now;

    /// <summary>The time, for whatever chooses a server: pauses that are over by now end first.</summary>
    private DateTimeOffset Advance()
    {
        var now = Now;
        _servers.EndPauses(now);
        return now;
    }

    protected override void PreRestart(Exception reason, object message)
    {
        try
        {
            // A call that runs, or is kept, is answered with those.
            if (_planning is not null && ReferenceEquals(_planning, message))
                Sender.Tell(new CallFailed(CallErrors.RouterFailed, [], TimeSpan.Zero));
            // The mailbox outlives a restart, the list does not.
            ReturnKept();
        }
        finally
        {
            // Answers all calls.
            base.PreRestart(reason, message);
        }
    }

    protected override void PostRestart(Exception reason)
    {
        _log.Error(reason, "The router failed unexpectedly and restarts");
        Become(Restoring);
        Context.Parent.Tell(new ServersRequested());
    }

    protected override void PostStop()
    {
        _runner.Stop(Now);
        foreach (var (_, sender) in _kept.Where(kept => kept.Message is PoolCall))
            sender.Tell(new CallFailed(CallErrors.PoolStopped, [], TimeSpan.Zero));
    }
}
