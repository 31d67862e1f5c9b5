using McpActors.Configuration;

namespace McpActors.Connections;

/// <summary>What follows from an event on a probe schedule.</summary>
internal enum ProbeStep
{
    /// <summary>Send no probe now.</summary>
    Skip,

    /// <summary>Send a probe now.</summary>
    Send,

    /// <summary>Keep the connection.</summary>
    Keep,

    /// <summary>Keep the connection, and send no new calls while other servers can take them: the server may be busy.</summary>
    Slow,

    /// <summary>Give the connection up: too many probes in a row failed.</summary>
    Lost,

    /// <summary>Open a new session: the server no longer knows this one.</summary>
    SessionLost,
}

/// <summary>
/// When one connection is probed, and when failed probes mean that it is lost. At most one probe is under way, and an answered call counts
/// as a probe. Pure: time and the number of answered calls are passed in.
/// </summary>
internal sealed class ProbeSchedule(ProbeSettings settings, Random random)
{
    /// <summary>A probe that was sent more recently than this answers a request for one: many callers may ask at once.</summary>
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(2);

    private DateTimeOffset _sentAt;
    private DateTimeOffset _pausedUntil;
    private long _answeredCalls;
    private bool _underWay;
    private DateTimeOffset? _slowUntil;

    /// <summary>Failed probes since the last answer.</summary>
    public int Failures { get; private set; }

    /// <summary>The server has answered nothing since a probe failed while it ran calls.</summary>
    public bool IsSlow => _slowUntil is not null;

    /// <summary>The time until the next scheduled probe.</summary>
    public TimeSpan NextInterval() => settings.Interval * (1 + (settings.Jitter * ((random.NextDouble() * 2) - 1)));

    /// <summary>Starts over for a new connection, whose handshake proves as much as a probe.</summary>
    /// <param name="now">The time.</param>
    /// <param name="answeredCalls">How many calls the server has answered so far.</param>
    public void Restart(DateTimeOffset now, long answeredCalls) =>
        (_sentAt, _answeredCalls, _underWay, _slowUntil, Failures) = (now, answeredCalls, false, null, 0);

    /// <summary>
    /// The scheduled time has come: <see cref="ProbeStep.Send"/>, or <see cref="ProbeStep.Skip"/> when calls were answered since the last
    /// one, or the server asked its clients to pause.
    /// </summary>
    public ProbeStep Due(DateTimeOffset now, long answeredCalls)
    {
        if (answeredCalls == _answeredCalls)
            return now < _pausedUntil ? ProbeStep.Skip : Send(now);
        _answeredCalls = answeredCalls;
        CallAnswered();
        return ProbeStep.Skip;
    }

    /// <summary>
    /// A probe is asked for: <see cref="ProbeStep.Send"/>, or <see cref="ProbeStep.Skip"/> when one is under way or was sent a moment ago,
    /// or the server asked its clients to pause.
    /// </summary>
    public ProbeStep Requested(DateTimeOffset now) =>
        _underWay || now - _sentAt < Freshness || now < _pausedUntil ? ProbeStep.Skip : Send(now);

    /// <summary>The server asked its clients to pause.</summary>
    public void Pause(DateTimeOffset now, TimeSpan length)
    {
        var until = now + AskedWait.Kept(length);
        if (until > _pausedUntil)
            _pausedUntil = until;
    }

    /// <summary>The server answered the probe.</summary>
    public void Answered() => (_underWay, _slowUntil, Failures) = (false, null, 0);

    /// <summary>The server answered a call.</summary>
    public void CallAnswered() => (_slowUntil, Failures) = (null, 0);

    /// <summary>
    /// The probe failed: <see cref="ProbeStep.Keep"/>, <see cref="ProbeStep.Slow"/> or <see cref="ProbeStep.Lost"/>. A server that runs one
    /// thing at a time answers no probe during a call or a list, so what runs at the first failure gets all its time.
    /// </summary>
    /// <param name="now">The time.</param>
    /// <param name="busyUntil">The last deadline of the calls and the list that run on the connection; null when none runs.</param>
    public ProbeStep Failed(DateTimeOffset now, DateTimeOffset? busyUntil)
    {
        _underWay = false;
        Failures++;
        _slowUntil ??= busyUntil;
        if (busyUntil is not null && now < _slowUntil)
            return ProbeStep.Slow;
        return Failures >= settings.UnhealthyThreshold ? ProbeStep.Lost : ProbeStep.Keep;
    }

    /// <summary>The time since the last probe was sent.</summary>
    public TimeSpan SinceSent(DateTimeOffset now) => now - _sentAt;

    private ProbeStep Send(DateTimeOffset now)
    {
        (_underWay, _sentAt) = (true, now);
        return ProbeStep.Send;
    }
}
