using Akka.Actor;
using McpActors.Configuration;
using McpActors.Telemetry;

namespace McpActors.Connections;

/// <summary>
/// Probes the open connection of its actor when <see cref="ProbeSchedule"/> says so, and measures the probes. The actor passes the events
/// on.
/// </summary>
internal sealed class Prober(IWithTimers owner, IActorRef self, string server, ProbeSettings settings, Random random, PoolMetrics metrics)
{
    private const string Timer = "probe";

    private readonly ProbeSchedule _schedule = new(settings, random);
    private Connection? _connection;
    private int _generation;

    /// <summary>Failed probes in a row.</summary>
    public int Failures => _schedule.Failures;

    /// <summary>Starts probing a new connection.</summary>
    public void Start(Connection connection, int generation, DateTimeOffset now, long answeredCalls)
    {
        (_connection, _generation) = (connection, generation);
        _schedule.Restart(now, answeredCalls);
        ScheduleNext();
    }

    /// <summary>Stops probing; the connection is no longer open.</summary>
    public void Stop()
    {
        owner.Timers.Cancel(Timer);
        _connection = null;
    }

    /// <summary>The scheduled time has come.</summary>
    public void OnDue(DateTimeOffset now, long answeredCalls)
    {
        if (_schedule.Due(now, answeredCalls) == ProbeStep.Send)
            Send();
        else
            ScheduleNext();
    }

    /// <summary>A probe is asked for.</summary>
    public void OnRequested(DateTimeOffset now)
    {
        if (_schedule.Requested(now) == ProbeStep.Send)
            Send();
    }

    /// <summary>The server answered.</summary>
    public void OnAnswered(DateTimeOffset now)
    {
        metrics.Probed(server, _schedule.SinceSent(now));
        _schedule.Answered();
        ScheduleNext();
    }

    /// <summary>A probe failed: <see cref="ProbeStep.Keep"/>, and the next one is scheduled, or <see cref="ProbeStep.Lost"/>.</summary>
    public ProbeStep OnFailed(DateTimeOffset now, Exception cause)
    {
        metrics.Probed(server, _schedule.SinceSent(now), cause);
        var step = _schedule.Failed();
        if (step == ProbeStep.Keep)
            ScheduleNext();
        return step;
    }

    private void Send()
    {
        owner.Timers.Cancel(Timer);
        var generation = _generation;
        _ = _connection!.ProbeAsync(settings.Timeout).PipeTo(
            self,
            success: () => new ConnectionEvent.ProbeAnswered(generation),
            failure: e => new ConnectionEvent.ProbeFailed(generation, e));
    }

    private void ScheduleNext() =>
        owner.Timers.StartSingleTimer(Timer, new ConnectionEvent.ProbeDue(_generation), _schedule.NextInterval());
}
