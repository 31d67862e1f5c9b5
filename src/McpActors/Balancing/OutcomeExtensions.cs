namespace McpActors.Balancing;

internal static class OutcomeExtensions
{
    /// <summary>The server, or the way to it, did not do what it is there for; the call may have been in good order.</summary>
    public static bool IsFailure(this AttemptOutcome outcome) =>
        outcome is AttemptOutcome.NotSent or AttemptOutcome.Refused or AttemptOutcome.ServerError or AttemptOutcome.Lost;
}
