using Akka.Actor;
using McpActors.Configuration;
using McpActors.Resilience;

namespace McpActors.Clustering.SharedSettings;

/// <summary>
/// Something that was changed on one node while the pools run and holds on all: told by the pool to its <see cref="SharedSettingsActor"/>, and by that to the pool
/// when it comes from another node, or was there before this one came. The same one may come twice.
/// </summary>
internal abstract record SharedChange : INoSerializationVerificationNeeded
{
    public const string ServerPrefix = "server/";
    public const string IntentPrefix = "intent/";
    public const string RoutingEntry = "routing";

    /// <summary>What it changes: of two changes of one entry the last one wins.</summary>
    public abstract string Entry { get; }

    /// <summary>
    /// Rises with each change that a pool tells; on a change that it is told, the number of the last one that was heard from it. So a pool knows which were on their way to
    /// it while it changed the same entry itself, and it is its own that came last.
    /// </summary>
    public long Number { get; init; }
}

/// <summary>Asks the pool for its <see cref="LastChange"/>, when what shares the changes starts, at first or after a crash.</summary>
internal sealed record LastChangeWanted : INoSerializationVerificationNeeded;

/// <summary>The number of the last change that the pool told; 0 before the first.</summary>
internal sealed record LastChange(long Number) : INoSerializationVerificationNeeded;

/// <summary>A server is so from now on.</summary>
/// <param name="Server">Its settings.</param>
/// <param name="Revision">Of any two settings of one server the later ones have the higher number.</param>
internal sealed record ServerDefined(ServerSettings Server, long Revision) : SharedChange
{
    public override string Entry => ServerPrefix + Server.Name;
}

/// <summary>A server was taken out.</summary>
internal sealed record ServerTakenOut(string Server) : SharedChange
{
    public override string Entry => ServerPrefix + Server;
}

/// <summary>Operators have said this of a server.</summary>
internal sealed record OperatorIntentChanged(string Server, OperatorIntent Intent) : SharedChange
{
    public override string Entry => IntentPrefix + Server;
}

/// <summary>Calls are routed so from now on.</summary>
internal sealed record RoutingChanged(SharedRouting Routing) : SharedChange
{
    public override string Entry => RoutingEntry;
}

/// <summary>The part of a pool's settings that says where calls go, which is the same on all nodes.</summary>
internal sealed record SharedRouting(
    IReadOnlyList<RouteSettings> Routes, IReadOnlyDictionary<string, GroupSettings> Groups, string LoadBalancing, string DefaultRoute)
{
    public static SharedRouting Of(PoolSettings pool) => new(pool.Routes, pool.Groups, pool.LoadBalancing, pool.DefaultRoute);

    public PoolSettings ApplyTo(PoolSettings pool) => pool with { Routes = Routes, Groups = Groups, LoadBalancing = LoadBalancing, DefaultRoute = DefaultRoute };
}
