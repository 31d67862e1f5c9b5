using Akka.Actor;
using McpActors.Configuration;
using McpActors.Resilience;

namespace McpActors.Pool;

/// <summary>
/// A change that was made to one pool at run time and holds for all pools of the cluster. The pool sends its own changes to
/// <see cref="IPoolNode.SharedSettings"/>, which sends it those of the other nodes, also those made before this node joined. A change may
/// arrive twice.
/// </summary>
internal abstract record SharedChange : INoSerializationVerificationNeeded
{
    public const string ServerPrefix = "server/";
    public const string IntentPrefix = "intent/";
    public const string RoutingEntry = "routing";

    /// <summary>What the change is about: of two changes of one entry the later one wins.</summary>
    public abstract string Entry { get; }

    /// <summary>
    /// On a change made here: its number, which rises by one with each. On a change from another node: the number of the last change made
    /// here that was received before it was sent. By it a pool recognizes changes that crossed one of its own, which then wins.
    /// </summary>
    public long Number { get; init; }
}

/// <summary>Asks the pool for its <see cref="LastChange"/>, at first and after a crash.</summary>
internal sealed record LastChangeWanted : INoSerializationVerificationNeeded;

/// <summary>The number of the last change that was made here; 0 before the first.</summary>
internal sealed record LastChange(long Number) : INoSerializationVerificationNeeded;

/// <summary>
/// The changes made here up to a number have been received: changes of other nodes that are sent from now on do not cross them.
/// </summary>
internal sealed record ChangesReceived(long Number) : INoSerializationVerificationNeeded;

/// <summary>A server was added or replaced.</summary>
/// <param name="Server">Its settings.</param>
/// <param name="Revision">Of two settings of one server the later ones have the higher number.</param>
internal sealed record ServerDefined(ServerSettings Server, long Revision) : SharedChange
{
    public override string Entry => ServerPrefix + Server.Name;
}

/// <summary>A server was removed.</summary>
internal sealed record ServerTakenOut(string Server) : SharedChange
{
    public override string Entry => ServerPrefix + Server;
}

/// <summary>An operator isolated, disconnected or released a server.</summary>
internal sealed record OperatorIntentChanged(string Server, OperatorIntent Intent) : SharedChange
{
    public override string Entry => IntentPrefix + Server;
}

/// <summary>Routes, groups or the strategy changed.</summary>
internal sealed record RoutingChanged(PoolRouting Routing) : SharedChange
{
    public override string Entry => RoutingEntry;
}
