namespace McpActors;

/// <summary>
/// Asks where a call would go now, and why, without sending it. The pool answers with an <see cref="Explanation"/>.
/// </summary>
/// <param name="Call">The call.</param>
public sealed record Explain(PoolCall Call);

/// <summary>Where a call would go at this moment, and why.</summary>
public sealed record Explanation
{
    /// <summary>The MCP method that would be sent; null when the call cannot be understood.</summary>
    public string? Method { get; init; }

    /// <summary>The name of the tool or prompt, or the URI of the resource; null for other methods.</summary>
    public string? Name { get; init; }

    /// <summary>
    /// The pattern of the route it takes; <c>default-route</c> when none matches; null when the caller names a group or a server itself.
    /// </summary>
    public string? Route { get; init; }

    /// <summary>The one server that may run it; null when a group serves it.</summary>
    public string? Server { get; init; }

    /// <summary>The group that serves it; null when only one server may run it.</summary>
    public string? Group { get; init; }

    /// <summary>The strategy that chooses among the candidates.</summary>
    public string? Strategy { get; init; }

    /// <summary>True: the pool considers the call safe to repeat, so after a lost answer it tries another server.</summary>
    public bool Safe { get; init; }

    /// <summary>The time limit of the whole call.</summary>
    public TimeSpan Timeout { get; init; }

    /// <summary>
    /// Every server of the group, or the one server, in configured order: whether it could take the call now, and the reason.
    /// </summary>
    public IReadOnlyList<CandidateExplanation> Candidates { get; init; } = [];

    /// <summary>The error that the caller would get at once; null when the pool would send the call.</summary>
    public PoolError? Problem { get; init; }
}

/// <summary>One server in an <see cref="Explanation"/>.</summary>
/// <param name="Server">The server's name.</param>
/// <param name="Usable">True: the strategy chooses among this server and the other usable ones.</param>
/// <param name="Reason">Why it is usable, or not.</param>
public sealed record CandidateExplanation(string Server, bool Usable, string Reason);
