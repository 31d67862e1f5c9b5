using Akka.Actor;
using Akka.Actor.Setup;
using McpActors.Configuration;
using McpActors.Resilience;

namespace McpActors.Pool;

/// <summary>
/// The pool's place in a cluster whose pools share their servers and routes. McpActors.Cluster implements it; without it a pool serves
/// alone.
/// </summary>
internal interface IPoolNode
{
    /// <summary>
    /// The actor that receives <see cref="OwnServer"/> and <see cref="OwnServerLeft"/> of this pool, reports them to the other nodes, and
    /// answers <see cref="GetClusterStatus"/>.
    /// </summary>
    Props Nodes { get; }

    /// <summary>
    /// The actor that receives each <see cref="SharedChange"/> of this pool, and sends the pool those of the other nodes.
    /// </summary>
    Props SharedSettings { get; }

    /// <summary>The actor that stands in for the circuit of a server with one connection in the whole cluster.</summary>
    Props OneNodeServer(KnownServer server, PoolSettings pool, OperatorIntent intent);

    /// <summary>
    /// Why this node does not take over a server that another node has added or changed; null: it does.
    /// </summary>
    /// <param name="shared">The server as the other node has it.</param>
    /// <param name="own">The servers of this node: those of its configuration, and those that its pool has. Read only where the decision
    /// needs them, because they may be many.</param>
    string? RefusalOf(ServerSettings shared, IEnumerable<ServerSettings> own);

    /// <summary>Another node that can take calls while this pool closes; null when there is none.</summary>
    /// <param name="choice">A random number that picks among several.</param>
    Address? AnotherNode(int choice);
}

/// <summary>Part of the actor system's setup: makes the pool that starts in it a node of a cluster.</summary>
/// <param name="join">Starts the pool's part in the cluster before the pool's first actor; null when the system is no such node.</param>
/// <param name="offer">Makes the started pool known to clients outside the cluster.</param>
/// <param name="refusesCommandsOf">Whether a sender may not command this pool: it is outside the cluster.</param>
internal sealed class PoolNodeSetup(
    Func<ActorSystem, PoolServices, IPoolNode?> join,
    Action<ActorSystem, IActorRef> offer,
    Func<ActorSystem, IActorRef, bool> refusesCommandsOf) : Setup
{
    public IPoolNode? Join(ActorSystem system, PoolServices services) => join(system, services);

    public void Offer(ActorSystem system, IActorRef pool) => offer(system, pool);

    public bool RefusesCommandsOf(ActorSystem system, IActorRef sender) => refusesCommandsOf(system, sender);
}
