namespace McpActors.Configuration;

/// <summary>
/// When a call that is safe to repeat goes to a second server while the first has not answered. The first answer counts; the other attempt
/// is cancelled at its server. A hedge takes from the retry budget and counts as one of <c>failover.max-attempts</c>. Exactly one of the
/// two properties is set. Source: Dean and Barroso, "The Tail at Scale" (2013).
/// </summary>
public sealed record Hedging
{
    /// <summary>The time after the first attempt was sent; 1 ms to 24 days.</summary>
    public TimeSpan? After { get; init; }

    /// <summary>
    /// The share of the tool's recent hedged calls that were faster than the first attempt is by now, such as 0.95; above 0, below 1.
    /// No call is hedged before 20 of them were answered.
    /// </summary>
    public double? Quantile { get; init; }
}
