using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using Akka.Actor;
using Akka.Event;
using McpActors.Clustering.Wire;
using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Resilience;

namespace McpActors.Clustering.OneNode;

/// <summary>
/// A node wants to use a server that has one connection in the cluster; goes to the <see cref="ServerEntityActor"/> through its shard and is answered with
/// <see cref="ServerReport"/>, then with each change. Whoever sends it is a member until it stops or sends <see cref="LeaveServer"/>.
/// </summary>
/// <param name="Entity">Which entity: the server's name and the revision of its settings.</param>
/// <param name="Settings">The server, whole: nodes of a cluster trust each other.</param>
/// <param name="Intent">What operators have said of it.</param>
internal sealed record JoinServer(string Entity, [property: JsonConverter(typeof(NodeServerConverter))] ServerSettings Settings, OperatorIntent Intent)
    : IDeadLetterSuppression;

/// <summary>A member uses the server no more; what still runs for it is given up.</summary>
internal sealed record LeaveServer : IDeadLetterSuppression;

/// <summary>
/// From a member whose link to the entity's node is there again after a break: what both said meanwhile may be lost. Answered with <see cref="AttemptsGone"/>, then as
/// <see cref="JoinServer"/> is. What else still runs for the member is given up.
/// </summary>
/// <param name="Attempts">The attempts that it has sent and that have not ended for it.</param>
/// <param name="Offers">The number of the last <see cref="ServerOffers"/> that it has; 0: none.</param>
internal sealed record ResumeServer(IReadOnlyList<long> Attempts, long Offers) : IDeadLetterSuppression;

/// <summary>The attempts of a <see cref="ResumeServer"/> that do not run here: their start or their end was lost.</summary>
internal sealed record AttemptsGone(IReadOnlyList<long> Attempts);

/// <summary>The entity is about to stop because its shard moves: send nothing more to it, answer with <see cref="ServerReleased"/>.</summary>
internal sealed record ServerMoves;

/// <summary>A member sends nothing more to this entity.</summary>
internal sealed record ServerReleased;

/// <summary>Ends an entity: its shard moves to another node, or nobody uses it.</summary>
internal sealed record HandOver : INoSerializationVerificationNeeded, IDeadLetterSuppression
{
    public static HandOver Instance { get; } = new();
}

/// <summary>
/// What an operator asks of a server's circuit, and through it of its connection. Exactly one of the two is set. Answered with <see cref="OperationHeard"/>; until then
/// it may come again, with the same number.
/// </summary>
/// <param name="Number">Grows with each that a member sends, from 1.</param>
/// <param name="Circuit">To the circuit.</param>
/// <param name="Connection">To the connection.</param>
internal sealed record OperateServer(long Number, CircuitCommand? Circuit, ConnectionCommand? Connection) : IDeadLetterSuppression;

/// <summary>All that this member has asked up to a number was heard.</summary>
internal sealed record OperationHeard(long Number) : IDeadLetterSuppression;

/// <summary>What a server offers, for a member; after the report that it belongs to, and only when it changed.</summary>
/// <param name="Number">Grows with each change, from 1.</param>
/// <param name="Tools">By name.</param>
/// <param name="Resources">By URI.</param>
/// <param name="Templates">By URI template.</param>
/// <param name="Prompts">By name.</param>
internal sealed record ServerOffers(
    long Number,
    IReadOnlyDictionary<string, CatalogueTool> Tools,
    IReadOnlyDictionary<string, JsonElement> Resources,
    IReadOnlyDictionary<string, JsonElement> Templates,
    IReadOnlyDictionary<string, JsonElement> Prompts);

/// <summary>A <see cref="StartAttempt"/> on its way to another node. Clocks differ, so its deadline is a time that is left.</summary>
/// <param name="Id">Its id on the node that sends it.</param>
/// <param name="Request">What is to be run.</param>
/// <param name="TimeLeft">Until the router gives it up.</param>
/// <param name="CallId">The caller's id of the call.</param>
internal sealed record SharedAttempt(long Id, CallRequest Request, TimeSpan TimeLeft, string? CallId)
{
    /// <summary>The one session, as its holder numbers them, that it may run in; null: any.</summary>
    public long? OnSession { get; init; }

    /// <summary>It goes through an open circuit.</summary>
    public bool Forced { get; init; }

    /// <summary>The router is told of progress.</summary>
    public bool WatchProgress { get; init; }

    /// <summary>The caller is told of progress, by <see cref="SharedProgress"/>.</summary>
    public bool WantsProgress { get; init; }

    /// <summary>What it is traced under, if at all.</summary>
    public ActivityContext Trace { get; init; }
}

/// <summary>In the place of a <see cref="SharedAttempt"/> or of its answer that could not be sent between the nodes.</summary>
internal sealed record UnsendableAttempt(long AttemptId, string Problem) : INoSerializationVerificationNeeded;

/// <summary>Progress of an attempt, for its caller on the node that sent it.</summary>
internal sealed record SharedProgress(long AttemptId, CallProgress Progress);
