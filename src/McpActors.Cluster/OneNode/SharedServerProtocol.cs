using System.Collections.Frozen;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using Akka.Actor;
using Akka.Event;
using McpActors.Connections;
using McpActors.Resilience;

namespace McpActors.Clustering.OneNode;

/// <summary>
/// Asks to use a server that has one connection in the cluster. Goes to the <see cref="ServerEntityActor"/> through its shard and is
/// answered with <see cref="ServerReport"/>, then with another one on each change. The sender is a member until it stops or sends
/// <see cref="LeaveServer"/>.
/// </summary>
/// <param name="Entity">
/// The entity: the server's name and the revision of its settings. The entity has the settings from its own node.
/// </param>
/// <param name="Intent">What operators want of the server.</param>
internal sealed record JoinServer(string Entity, OperatorIntent Intent) : IDeadLetterSuppression;

/// <summary>A member no longer uses the server; its running attempts are cancelled.</summary>
internal sealed record LeaveServer : IDeadLetterSuppression;

/// <summary>
/// From a member whose link to the entity's node is up again: messages of both sides may have been lost. Answered with
/// <see cref="AttemptsLost"/>, then in the same way as <see cref="JoinServer"/>. Other attempts of the member that still run are cancelled.
/// </summary>
/// <param name="Attempts">The attempts that it has sent and for which it has received no end.</param>
/// <param name="CatalogueNumber">The number of its last <see cref="SharedCatalogue"/>; 0: none.</param>
internal sealed record ResumeServer(IReadOnlyList<long> Attempts, long CatalogueNumber) : IDeadLetterSuppression
{
    /// <summary>The most attempts, so that the message fits the smallest frame between nodes.</summary>
    public const int MostAttempts = 2500;
}

/// <summary>The attempts of a <see cref="ResumeServer"/> that do not run at the entity: their start or their end was lost.</summary>
internal sealed record AttemptsLost(IReadOnlyList<long> Attempts);

/// <summary>
/// The entity is about to stop because its shard moves. The member sends nothing more to it and confirms that with
/// <see cref="ServerReleased"/>.
/// </summary>
internal sealed record ServerMoving;

/// <summary>A member confirms that it sends nothing more to this entity.</summary>
internal sealed record ServerReleased;

/// <summary>Stops an entity: its shard moves to another node, or it has no members.</summary>
internal sealed record HandOver : INoSerializationVerificationNeeded, IDeadLetterSuppression
{
    public static HandOver Instance { get; } = new();
}

/// <summary>
/// An operator's command to a server's circuit or, through it, to its connection: exactly one of the two is set. Answered with
/// <see cref="OperationConfirmed"/>; until then it may be sent again, with the same number.
/// </summary>
/// <param name="Number">Rises by one with each command of a member, from 1.</param>
/// <param name="Circuit">For the circuit.</param>
/// <param name="Connection">For the connection.</param>
internal sealed record OperateServer(long Number, CircuitCommand? Circuit, ConnectionCommand? Connection) : IDeadLetterSuppression;

/// <summary>All operations of this member up to a number were carried out.</summary>
internal sealed record OperationConfirmed(long Number) : IDeadLetterSuppression;

/// <summary>The catalogue of a server, for a member: follows the report that it belongs to, and only when it has changed.</summary>
/// <param name="Number">Rises by one with each change, from 1.</param>
/// <param name="Tools">By name; null, like every list, while it could not be read.</param>
/// <param name="Resources">By URI.</param>
/// <param name="Templates">By URI template.</param>
/// <param name="Prompts">By name.</param>
internal sealed record SharedCatalogue(
    long Number,
    IReadOnlyDictionary<string, CatalogueTool>? Tools,
    IReadOnlyDictionary<string, JsonElement>? Resources,
    IReadOnlyDictionary<string, JsonElement>? Templates,
    IReadOnlyDictionary<string, JsonElement>? Prompts)
{
    /// <summary>Why the lists are unknown, on the node that received it: it does not fit into a message between nodes.</summary>
    [JsonIgnore]
    public string? Problem { get; init; }

    public static SharedCatalogue Of(ServerCatalogue catalogue, long number) =>
        new(number, catalogue.Tools, catalogue.Resources, catalogue.Templates, catalogue.Prompts);

    public ServerCatalogue ToCatalogue() => new(
        Tools?.ToFrozenDictionary(StringComparer.Ordinal),
        Resources?.ToFrozenDictionary(StringComparer.Ordinal),
        Templates?.ToFrozenDictionary(StringComparer.Ordinal),
        Prompts?.ToFrozenDictionary(StringComparer.Ordinal));
}

/// <summary>A <see cref="StartAttempt"/> for another node. Clocks differ, so it carries the time left instead of a deadline.</summary>
/// <param name="Id">Its id on the node that sends it.</param>
/// <param name="Request">The request to send to the server.</param>
/// <param name="TimeLeft">Time until the router cancels it.</param>
/// <param name="CallId">The caller's id of the call.</param>
internal sealed record SharedAttempt(long Id, CallRequest Request, TimeSpan TimeLeft, string? CallId)
{
    /// <summary>The only session that it may run in, by its number on the node of the connection; null: any.</summary>
    public long? OnSession { get; init; }

    /// <summary>An open circuit lets it through.</summary>
    public bool Forced { get; init; }

    /// <summary>The router receives <see cref="AttemptProgressed"/>.</summary>
    public bool WatchProgress { get; init; }

    /// <summary>The caller receives progress, by <see cref="SharedProgress"/>.</summary>
    public bool WantsProgress { get; init; }

    /// <summary>The trace context of the attempt; the default when it is not traced.</summary>
    public ActivityContext Trace { get; init; }

    /// <summary>An attempt of this node for the node of the connection.</summary>
    /// <param name="attempt">The attempt.</param>
    /// <param name="session">The only session that it may run in, by its number there; null: any.</param>
    /// <param name="now">The time on this node.</param>
    public static SharedAttempt Of(StartAttempt attempt, long? session, DateTimeOffset now) =>
        new(attempt.Id, attempt.Request, attempt.Deadline - now, attempt.CallId)
        {
            OnSession = session,
            Forced = attempt.Forced,
            WatchProgress = attempt.WatchProgress,
            WantsProgress = attempt.ProgressTo is not null,
            Trace = attempt.Trace?.Context ?? default,
        };
}

/// <summary>Received in place of a <see cref="SharedAttempt"/>, or of its answer, that could not be sent between the nodes.</summary>
internal sealed record UnsendableAttempt(long AttemptId, string Problem) : INoSerializationVerificationNeeded;

/// <summary>Progress of an attempt, for its caller on the node that sent it.</summary>
internal sealed record SharedProgress(long AttemptId, CallProgress Progress);
