using McpActors.Configuration;
using McpActors.Connections;

namespace McpActors.Calls;

/// <summary>The facts for the decision about a finished attempt.</summary>
/// <param name="Result">How the attempt ended.</param>
/// <param name="Safe">The call may run twice without harm.</param>
/// <param name="AsksForFailover">The caller asked for the next server after an error of a server (<see cref="CallMode.Failover"/>).</param>
/// <param name="Pinned">The caller asked for exactly this server.</param>
/// <param name="Attempts">Attempts so far, this one included.</param>
/// <param name="HasNext">An available server has not been tried yet.</param>
/// <param name="TimeLeft">The time until the call's deadline.</param>
internal readonly record struct FinishedAttempt(
    AttemptResult Result, bool Safe, bool AsksForFailover, bool Pinned, int Attempts, bool HasNext, TimeSpan TimeLeft);

/// <summary>The next step after an attempt.</summary>
internal enum NextStep
{
    /// <summary>The server's answer is the caller's answer.</summary>
    Answer,

    /// <summary>Try the next server, after <see cref="FailoverPolicy.Delay"/>.</summary>
    TryNext,

    /// <summary>No attempt may follow; the error describes this outcome.</summary>
    Stop,

    /// <summary>An attempt could follow, but no server, attempt or time is left.</summary>
    Exhausted,
}

/// <summary>Decides after each attempt: answer, try another server, or fail. See <c>docs/reliability.md</c>. Pure.</summary>
internal readonly struct FailoverPolicy(FailoverSettings settings, Random random)
{
    public NextStep Decide(in FinishedAttempt attempt)
    {
        if (!MayMove(attempt, out var step))
            return step;
        if (!settings.Enabled || attempt.Pinned)
            return attempt.Result.Outcome == AttemptOutcome.ToolError ? NextStep.Answer : NextStep.Stop;
        if (attempt.Attempts >= settings.MaxAttempts || !attempt.HasNext || attempt.TimeLeft <= TimeSpan.Zero)
            return attempt.Result.Outcome == AttemptOutcome.ToolError ? NextStep.Answer : NextStep.Exhausted;
        return NextStep.TryNext;
    }

    /// <summary>Whether a call that has had this number of attempts may have another.</summary>
    public bool MayTryAgain(int attempts) => settings.Enabled && attempts < settings.MaxAttempts;

    /// <summary>The wait before the next attempt: none before the second, then full jitter.</summary>
    public TimeSpan Delay(int attempts) =>
        attempts <= 1 ? TimeSpan.Zero : settings.MinDelay + ((settings.MaxDelay - settings.MinDelay) * random.NextDouble());

    /// <summary>
    /// Whether the next attempt costs the retry budget. It does not when this one never burdened a server, nor when its connection ended:
    /// one server can end at most <c>max-in-flight</c> calls in this way before it must be connected again.
    /// </summary>
    public static bool CostsBudget(AttemptResult result) =>
        result.Cause != AttemptCause.ConnectionLost
        && !(result.Outcome == AttemptOutcome.NotSent
            && result.Cause is AttemptCause.NotConnected or AttemptCause.CircuitOpen or AttemptCause.Draining or AttemptCause.Overloaded);

    private bool MayMove(in FinishedAttempt attempt, out NextStep otherwise)
    {
        otherwise = NextStep.Stop;
        switch (attempt.Result.Outcome)
        {
            case AttemptOutcome.Succeeded:
                otherwise = NextStep.Answer;
                return false;
            case AttemptOutcome.ToolError:
                otherwise = NextStep.Answer;
                return settings.OnToolError;
            case AttemptOutcome.NotSent or AttemptOutcome.Refused or AttemptOutcome.NotSupported:
                return true;
            // The answer of the next server would be dropped as well.
            case AttemptOutcome.ServerError when attempt.Result.IsAnswerDropped:
                return false;
            case AttemptOutcome.ServerError:
                return settings.OnServerError switch
                {
                    ServerErrorFailover.Always => true,
                    ServerErrorFailover.Safe => attempt.Safe || attempt.AsksForFailover,
                    _ => false,
                };
            case AttemptOutcome.Lost:
                return attempt.Safe;
            default:
                return false;
        }
    }
}
