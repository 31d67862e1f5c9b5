namespace McpActors.Pool;

/// <summary>Whether the actor of a pool answers at all, however long its router is busy.</summary>
internal interface IPoolDoor
{
    /// <summary>Completes when the pool's actor has answered.</summary>
    /// <exception cref="TimeoutException">It did not answer in time.</exception>
    Task AnswersAsync(CancellationToken cancellationToken);
}
