using Akka.Actor;
using McpActors.Configuration;
using McpActors.Telemetry;

namespace McpActors.Connections;

/// <summary>
/// Probes the open connection of its actor when <see cref="ProbeSchedule"/> says so, measures the probes and reports what they show. The
/// actor passes the events on.
/// </summary>
internal sealed class Prober(
    IWithTimers owner,
    IActorRef self,
    string server,
    ProbeSettings settings,
    Random random,
    PoolMetrics metrics,
    PingMemory ping,
    AttemptRunner runner,
    CatalogueRefresher catalogue,
    ConnectionReporter reporter)
{
    private const string Timer = "probe";

    private readonly ProbeSchedule _schedule = new(settings, random);
    private Connection? _connection;
    private long _generation;

    /// <summary>Failed probes in a row.</summary>
    public int Failures => _schedule.Failures;

    /// <summary>Starts probing a new connection.</summary>
    public void Start(Connection connection, long generation, DateTimeOffset now)
    {
        (_connection, _generation) = (connection, generation);
        _schedule.Restart(now, runner.Answered);
        ScheduleNext();
    }

    /// <summary>Stops probing; the connection is no longer open.</summary>
    public void Stop()
    {
        owner.Timers.Cancel(Timer);
        _connection = null;
    }

    /// <summary>The scheduled time has come.</summary>
    public void OnDue(DateTimeOffset now)
    {
        if (_schedule.Due(now, runner.Answered) == ProbeStep.Send)
            Send();
        else
            ScheduleNext();
        if (!_schedule.IsSlow)
            reporter.ReportQuick();
    }

    /// <summary>A probe is asked for.</summary>
    public void OnRequested(DateTimeOffset now)
    {
        if (_schedule.Requested(now) == ProbeStep.Send)
            Send();
    }

    /// <summary>The server asked its clients to pause: no probe is sent until then.</summary>
    public void Pause(DateTimeOffset now, TimeSpan length) => _schedule.Pause(now, length);

    /// <summary>The server answered.</summary>
    public void OnAnswered(DateTimeOffset now, ProbeAnswer answer)
    {
        if (answer.Pause is { } length)
            Pause(now, length);
        if (answer.IsFirstWithoutPing)
            reporter.ReportWithoutPing();
        metrics.Probed(server, _schedule.SinceSent(now));
        _schedule.Answered();
        reporter.ReportQuick();
        ScheduleNext();
    }

    /// <summary>The server answered a call after it had not answered a probe.</summary>
    public void OnCallAnswered()
    {
        _schedule.CallAnswered();
        reporter.ReportQuick();
    }

    /// <summary>A probe failed: the next one is scheduled unless the connection or its session is lost.</summary>
    public ProbeStep OnFailed(DateTimeOffset now, Exception cause)
    {
        metrics.Probed(server, _schedule.SinceSent(now), cause);
        var (calls, list) = (runner.BusyUntil, catalogue.BusyUntil);
        var step = _schedule.Failed(now, calls is null || list > calls ? list : calls);
        if (SessionEvidence.IsLost(cause, _connection!.HasSession))
            return ProbeStep.SessionLost;
        if (step == ProbeStep.Lost)
            return step;
        ScheduleNext();
        if (step == ProbeStep.Slow)
        {
            var generation = _generation;
            runner.OnNextAnswer(() => self.Tell(new ConnectionEvent.CallAnswered(generation)));
            reporter.ReportSlow(cause, runner.Running);
        }
        else
        {
            reporter.ReportFailedProbe(cause);
        }
        return step;
    }

    private void Send()
    {
        owner.Timers.Cancel(Timer);
        var generation = _generation;
        _ = _connection!.ProbeAsync(settings.Timeout, ping).PipeTo(
            self,
            success: answer => new ConnectionEvent.ProbeAnswered(generation, answer),
            failure: e => new ConnectionEvent.ProbeFailed(generation, e));
    }

    private void ScheduleNext() =>
        owner.Timers.StartSingleTimer(Timer, new ConnectionEvent.ProbeDue(_generation), _schedule.NextInterval());
}
