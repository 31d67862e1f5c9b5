using McpActors.Balancing;
using McpActors.Calls;
using McpActors.Configuration;
using McpActors.Connections;


namespace McpActors.Routing;

/// <summary>What is to be done with a call: decided once when it arrives. Immutable.</summary>
internal sealed record CallPlan
{
    public required CallRequest Request { get; init; }

    public required CallOptions Options { get; init; }

    /// <summary>The route it took; null when the caller named a group or server.</summary>
    public Route? Route { get; init; }

    /// <summary>The group that serves it; null when it may run on one server only.</summary>
    public ServerGroup? Group { get; init; }

    /// <summary>The server of the first attempt.</summary>
    public required ServerEntry First { get; init; }

    /// <summary>The strategy for it; null: the group's.</summary>
    public string? Strategy { get; init; }

    /// <summary>It may be repeated, whatever the servers say of the tool.</summary>
    public bool Safe { get; init; }

    /// <summary>The session it must run in; null: any.</summary>
    public long? OnSession { get; init; }

    /// <summary>The whole call.</summary>
    public required TimeSpan Timeout { get; init; }

    public required FailoverPolicy Failover { get; init; }

    /// <summary>When a second attempt is sent beside the first; null: never.</summary>
    public Hedging? Hedge { get; init; }

    /// <summary>It may run on one server only and never moves.</summary>
    public bool Pinned => Group is null;
}
