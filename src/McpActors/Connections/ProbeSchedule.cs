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

    /// <summary>Give the connection up: too many probes in a row failed.</summary>
    Lost,
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
    private long _answeredCalls;
    private bool _underWay;

    /// <summary>Failed probes since the last answer.</summary>
    public int Failures { get; private set; }

    /// <summary>The time until the next scheduled probe.</summary>
    public TimeSpan NextInterval() => settings.Interval * (1 + (settings.Jitter * ((random.NextDouble() * 2) - 1)));

    /// <summary>Starts over for a new connection, whose handshake proves as much as a probe.</summary>
    /// <param name="now">The time.</param>
    /// <param name="answeredCalls">How many calls the server has answered so far.</param>
    public void Restart(DateTimeOffset now, long answeredCalls) =>
        (_sentAt, _answeredCalls, _underWay, Failures) = (now, answeredCalls, false, 0);

    /// <summary>
    /// The scheduled time has come: <see cref="ProbeStep.Send"/>, or <see cref="ProbeStep.Skip"/> when calls were answered since the last
    /// one.
    /// </summary>
    public ProbeStep Due(DateTimeOffset now, long answeredCalls)
    {
        if (answeredCalls == _answeredCalls)
            return Send(now);
        _answeredCalls = answeredCalls;
        Failures = 0;
        return ProbeStep.Skip;
    }

    /// <summary>
    /// A probe is asked for: <see cref="ProbeStep.Send"/>, or <see cref="ProbeStep.Skip"/> when one is under way or was sent a moment ago.
    /// </summary>
    public ProbeStep Requested(DateTimeOffset now) => _underWay || now - _sentAt < Freshness ? ProbeStep.Skip : Send(now);

    /// <summary>The server answered the probe.</summary>
    public void Answered() => (_underWay, Failures) = (false, 0);

    /// <summary>The probe failed: <see cref="ProbeStep.Keep"/> or <see cref="ProbeStep.Lost"/>.</summary>
    public ProbeStep Failed()
    {
        _underWay = false;
        Failures++;
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
