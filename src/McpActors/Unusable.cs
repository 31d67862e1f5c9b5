namespace McpActors;

/// <summary>Stands in for a call from another process that could not be deserialized; always refused.</summary>
/// <param name="Problem">Why, and what to do.</param>
internal sealed record UnusableCall(string Problem) : PoolCall((CallOptions?)null)
{
    internal override string? Subject => null;
}

/// <summary>Stands in for a command from another process that could not be deserialized; always refused.</summary>
/// <param name="Problem">Why, and what to do.</param>
internal sealed record UnusableCommand(string Problem) : PoolCommand
{
    internal override string? FindNull() => null;
}
