namespace McpActors.Pool;

/// <summary>
/// Closes the pool: no new calls, those under way may end within <c>drain-timeout</c>, then every connection is closed. Answered with
/// <see cref="Done"/> when nothing is left.
/// </summary>
internal sealed record ClosePool;
