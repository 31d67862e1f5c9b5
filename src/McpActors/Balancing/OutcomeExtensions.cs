namespace McpActors.Balancing;

internal static class OutcomeExtensions
{
    /// <summary>Whether the server, or the connection to it, failed; the call itself may have been valid.</summary>
    public static bool IsFailure(this AttemptOutcome outcome) =>
        outcome is AttemptOutcome.NotSent or AttemptOutcome.Refused or AttemptOutcome.ServerError or AttemptOutcome.Lost;
}
