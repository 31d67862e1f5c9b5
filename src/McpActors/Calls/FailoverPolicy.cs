using McpActors.Configuration;
using McpActors.Connections;

namespace McpActors.Calls;

/// <summary>What the decision about a finished attempt rests on.</summary>
/// <param name="Result">How the attempt ended.</param>
/// <param name="Safe">Running the call twice does no harm.</param>
/// <param name="Pinned">The caller asked for exactly this server.</param>
/// <param name="Attempts">Attempts so far, this one included.</param>
/// <param name="HasNext">There is an available server that has not been tried.</param>
/// <param name="TimeLeft">Until the call's deadline.</param>
internal readonly record struct FinishedAttempt(AttemptResult Result, bool Safe, bool Pinned, int Attempts, bool HasNext, TimeSpan TimeLeft);

/// <summary>What is to be done after an attempt.</summary>
internal enum NextStep
{
    /// <summary>The server's answer is the caller's answer.</summary>
    Answer,

    /// <summary>Try the next server, after <see cref="FailoverPolicy.Delay"/>.</summary>
    TryNext,

    /// <summary>No attempt may follow: the error speaks of this outcome alone.</summary>
    Stop,

    /// <summary>An attempt could follow but there is no server, attempt or time left.</summary>
    Exhausted,
}

/// <summary>After each attempt: answer, try another server, or give up (design, section 5). Pure.</summary>
internal sealed class FailoverPolicy(FailoverSettings settings, Random random)
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

    /// <summary>Whether a call that has had so many attempts may have another.</summary>
    public bool MayTryAgain(int attempts) => settings.Enabled && attempts < settings.MaxAttempts;

    /// <summary>The wait before the next attempt: none before the second, then full jitter.</summary>
    public TimeSpan Delay(int attempts) =>
        attempts <= 1 ? TimeSpan.Zero : settings.MinDelay + ((settings.MaxDelay - settings.MinDelay) * random.NextDouble());

    /// <summary>
    /// Whether the next attempt costs the retry budget: not when this one never burdened a server, nor when a connection ended under it, which
    /// one server can do to no more than <c>max-in-flight</c> calls before it has to be connected anew.
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
            case AttemptOutcome.ServerError:
                return settings.OnServerError;
            case AttemptOutcome.Lost:
                // A result too large for us would be as large from the next server.
                return attempt.Safe && attempt.Result.Cause != AttemptCause.ResultTooLarge;
            default:
                return false;
        }
    }
}
