using McpActors.Connections;

namespace McpActors.Resilience;

/// <summary>
/// Whether an attempt that timed out had a fair time: as long as a success usually takes on its server, and some more. A caller who gives
/// its calls less learns nothing about the server, and must not open its circuit for everybody. Pure.
/// </summary>
internal sealed class FairTime
{
    /// <summary>The fair time before the first success.</summary>
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(100);

    /// <summary>The most that is added to the usual time of a success.</summary>
    private static readonly TimeSpan MostMore = TimeSpan.FromSeconds(1);

    private const double UsualShare = 0.1;

    private TimeSpan? _usual;

    /// <summary>Notes how long a success took.</summary>
    public void Succeeded(TimeSpan took) => _usual = _usual is { } usual ? usual + (UsualShare * (took - usual)) : took;

    /// <summary>
    /// Whether an attempt counts as a failure, a success (false) or neither (null). Only the time of a result is noted: a refusal is
    /// quicker than the work. A time-out is the server's failure only if the attempt had a fair time.
    /// </summary>
    public bool? FailureOf(AttemptResult result, TimeSpan took)
    {
        if (result.Outcome is AttemptOutcome.Succeeded or AttemptOutcome.ToolError)
            Succeeded(took);
        return result.Cause == AttemptCause.TimedOut && !IsFair(took) ? null : result.Failed;
    }

    public bool IsFair(TimeSpan had) => had >= (_usual is { } usual ? usual + Least(3 * usual, MostMore) : First);

    private static TimeSpan Least(TimeSpan left, TimeSpan right) => left < right ? left : right;
}
