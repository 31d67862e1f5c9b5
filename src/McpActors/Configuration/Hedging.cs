namespace McpActors.Configuration;

/// <summary>
/// When a call that is safe to repeat is sent to a second server while the first has not answered: the first answer counts, the other attempt is
/// cancelled at its server. A hedge costs the retry budget and counts as one of <c>failover.max-attempts</c>. Exactly one of the two is set.
/// Source: Dean and Barroso, "The Tail at Scale" (2013).
/// </summary>
public sealed record Hedging
{
    /// <summary>So long after the first attempt was sent; above zero.</summary>
    public TimeSpan? After { get; init; }

    /// <summary>
    /// When the first attempt takes longer than this share of the tool's hedged calls of the last minutes did, such as 0.95; above 0, below 1.
    /// Nothing is hedged before 20 of them were answered.
    /// </summary>
    public double? Quantile { get; init; }
}
