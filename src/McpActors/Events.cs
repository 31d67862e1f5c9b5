using Akka.Actor;

namespace McpActors;

/// <summary>
/// Subscribes an actor to the pool: it receives a <see cref="PoolStatus"/> first, then every <see cref="PoolEvent"/>, until it stops or
/// unsubscribes.
/// </summary>
/// <param name="Subscriber">The actor that receives the events.</param>
public sealed record SubscribeToPool(IActorRef Subscriber);

/// <summary>Ends a subscription.</summary>
/// <param name="Subscriber">The actor that receives no more events.</param>
public sealed record UnsubscribeFromPool(IActorRef Subscriber);

/// <summary>Something that changed in the pool. The hierarchy is closed: only this library can add a kind.</summary>
/// <param name="At">When it happened; wall-clock time, for people to read.</param>
public abstract record PoolEvent(DateTimeOffset At)
{
    /// <summary>The server that the event concerns; null when it concerns the pool.</summary>
    internal abstract string? Subject { get; }
}

/// <summary>The state of a server's connection changed.</summary>
/// <param name="Server">The server.</param>
/// <param name="From">The state before.</param>
/// <param name="To">The state now.</param>
/// <param name="Reason">Why, for <see cref="ServerStatus.Error"/> and an operator's command.</param>
/// <param name="At">When.</param>
public sealed record ServerStatusChanged(string Server, ServerStatus From, ServerStatus To, string? Reason, DateTimeOffset At)
    : PoolEvent(At)
{
    internal override string? Subject => Server;
}

/// <summary>The state of a server's circuit changed.</summary>
/// <param name="Server">The server.</param>
/// <param name="From">The state before.</param>
/// <param name="To">The state now.</param>
/// <param name="Reason">Why.</param>
/// <param name="At">When.</param>
public sealed record CircuitStateChanged(string Server, CircuitState From, CircuitState To, string Reason, DateTimeOffset At)
    : PoolEvent(At)
{
    internal override string? Subject => Server;
}

/// <summary>A call moved to another server after a failed attempt.</summary>
/// <param name="Method">The method or tool.</param>
/// <param name="CallId">The call's <see cref="CallOptions.CallId"/>; null when it has none.</param>
/// <param name="From">The server that failed.</param>
/// <param name="To">The next server.</param>
/// <param name="Outcome">How the attempt on <paramref name="From"/> ended.</param>
/// <param name="At">When.</param>
public sealed record CallFailedOver(string Method, string? CallId, string From, string To, AttemptOutcome Outcome, DateTimeOffset At)
    : PoolEvent(At)
{
    internal override string? Subject => From;
}

/// <summary>The tools, resources or prompts of a server changed.</summary>
/// <param name="Server">The server.</param>
/// <param name="At">When.</param>
public sealed record CatalogueChanged(string Server, DateTimeOffset At) : PoolEvent(At)
{
    internal override string? Subject => Server;
}

/// <summary>A server joined the pool.</summary>
/// <param name="Server">The server.</param>
/// <param name="At">When.</param>
public sealed record ServerAdded(string Server, DateTimeOffset At) : PoolEvent(At)
{
    internal override string? Subject => Server;
}

/// <summary>A server left the pool.</summary>
/// <param name="Server">The server.</param>
/// <param name="At">When.</param>
public sealed record ServerRemoved(string Server, DateTimeOffset At) : PoolEvent(At)
{
    internal override string? Subject => Server;
}

/// <summary>The configuration of the running pool changed. Names what changed, without values.</summary>
/// <param name="Added">Servers that were added.</param>
/// <param name="Replaced">Servers whose settings changed.</param>
/// <param name="Removed">Servers that were removed.</param>
/// <param name="Settings">The keys beside the servers whose values changed, such as <c>routes</c>.</param>
/// <param name="At">When.</param>
public sealed record ConfigurationApplied(
    IReadOnlyList<string> Added,
    IReadOnlyList<string> Replaced,
    IReadOnlyList<string> Removed,
    IReadOnlyList<string> Settings,
    DateTimeOffset At)
    : PoolEvent(At)
{
    internal override string? Subject => null;

    /// <summary>The changes as a text: <c>added files; removed search; changed routes, failover</c>.</summary>
    public string Describe()
    {
        (string Verb, IReadOnlyList<string> Names)[] parts =
        [
            ("added", Added), ("replaced", Replaced), ("removed", Removed), ("changed", Settings),
        ];
        return string.Join("; ", parts.Where(part => part.Names.Count > 0).Select(part => $"{part.Verb} {string.Join(", ", part.Names)}"));
    }
}
