namespace McpActors;

/// <summary>
/// Asks what would be done with a call now, and why, without sending it. Answered with an <see cref="Explanation"/>.
/// </summary>
/// <param name="Call">The call.</param>
public sealed record Explain(PoolCall Call);

/// <summary>What would be done with a call at this moment.</summary>
public sealed record Explanation
{
    /// <summary>The MCP method that would be sent; null when the call cannot be understood.</summary>
    public string? Method { get; init; }

    /// <summary>What the method is applied to: a tool's or prompt's name, a resource's URI.</summary>
    public string? Name { get; init; }

    /// <summary>
    /// The pattern of the route it takes; <c>default-route</c> when none matches; null when the caller names a group or a server itself.
    /// </summary>
    public string? Route { get; init; }

    /// <summary>The one server it may run on; null when a group serves it.</summary>
    public string? Server { get; init; }

    /// <summary>The group that serves it; null when it may run on one server only.</summary>
    public string? Group { get; init; }

    /// <summary>The strategy that chooses among the candidates.</summary>
    public string? Strategy { get; init; }

    /// <summary>Whether running it twice is taken to do no harm, so that a lost answer may be tried again elsewhere.</summary>
    public bool Safe { get; init; }

    /// <summary>How long the whole call may take.</summary>
    public TimeSpan Timeout { get; init; }

    /// <summary>Every server of the group, or the one server, in configured order: whether it could take the call now, and why or why not.</summary>
    public IReadOnlyList<CandidateExplanation> Candidates { get; init; } = [];

    /// <summary>The error its caller would get at once; null when the call would be sent.</summary>
    public PoolError? Problem { get; init; }
}

/// <summary>One server in an <see cref="Explanation"/>.</summary>
/// <param name="Server">The server's name.</param>
/// <param name="Usable">Whether it is one of those the strategy chooses among.</param>
/// <param name="Reason">Why it is, or is not.</param>
public sealed record CandidateExplanation(string Server, bool Usable, string Reason);
