using McpActors.Balancing;
using McpActors.Configuration;
using McpActors.Connections;

namespace McpActors.Routing;

/// <summary>How a call is run, decided once when it arrives. Immutable.</summary>
internal sealed record CallPlan
{
    public required CallRequest Request { get; init; }

    public required CallOptions Options { get; init; }

    /// <summary>The route it matched; null when the caller named a group or server.</summary>
    public Route? Route { get; init; }

    /// <summary>The group that serves it; null when it may run on one server only.</summary>
    public ServerGroup? Group { get; init; }

    /// <summary>The server of the first attempt.</summary>
    public required ServerEntry First { get; init; }

    /// <summary>The strategy that chooses its servers; null: the group's.</summary>
    public string? Strategy { get; init; }

    /// <summary>It may run twice, whatever the servers' annotations say.</summary>
    public bool Safe { get; init; }

    /// <summary>The session it must run in; null: any.</summary>
    public long? OnSession { get; init; }

    /// <summary>The group of the affinity key that belongs to <see cref="OnSession"/>; null without one.</summary>
    public string? SessionGroup { get; init; }

    /// <summary>The time for the whole call.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>Whether and how often it moves to another server.</summary>
    public required FailoverSettings Failover { get; init; }

    /// <summary>When a second attempt is sent beside the first; null: never.</summary>
    public Hedging? Hedge { get; init; }

    /// <summary>It may run on one server only and never moves.</summary>
    public bool Pinned => Group is null;

    /// <summary>Whether an attempt on this server may be repeated.</summary>
    public bool IsSafeOn(ServerEntry server) => CallSafety.IsSafeOn(server, Request, Options.Idempotent, Safe);
}
