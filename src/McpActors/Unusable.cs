namespace McpActors;

/// <summary>A call of another process that could not come; it is refused.</summary>
/// <param name="Problem">Why, and what to do.</param>
internal sealed record UnusableCall(string Problem) : IPoolCall
{
    public CallOptions? Options => null;
}

/// <summary>A command of another process that could not come; it is refused.</summary>
/// <param name="Problem">Why, and what to do.</param>
internal sealed record UnusableCommand(string Problem) : IPoolCommand;
