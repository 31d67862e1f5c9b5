using Akka.Actor;
using Akka.Event;
using ModelContextProtocol.Client;

namespace McpActors.Connections;

/// <summary>
/// An event of one generation of a connection, which <see cref="ServerConnectionActor"/> sends to itself. It is ignored once a newer
/// generation has begun, and may outlive the actor.
/// </summary>
internal abstract record ConnectionEvent(int Generation) : IDeadLetterSuppression, INoSerializationVerificationNeeded
{
    /// <summary>The actor has started.</summary>
    internal sealed record Started() : ConnectionEvent(0);

    internal sealed record Opened(int Generation, Connection Connection) : ConnectionEvent(Generation);

    internal sealed record OpenFailed(int Generation, Exception Cause) : ConnectionEvent(Generation);

    /// <summary>The SDK's client ended.</summary>
    internal sealed record Completed(int Generation, ClientCompletionDetails Details) : ConnectionEvent(Generation);

    /// <summary>The backoff is over.</summary>
    internal sealed record ReconnectDue(int Generation) : ConnectionEvent(Generation);

    internal sealed record ProbeDue(int Generation) : ConnectionEvent(Generation);

    internal sealed record ProbeAnswered(int Generation) : ConnectionEvent(Generation);

    internal sealed record ProbeFailed(int Generation, Exception Cause) : ConnectionEvent(Generation);

    /// <summary>The catalogue is due for a reading: by timer, or because the server reported a change.</summary>
    internal sealed record CatalogueDue(int Generation) : ConnectionEvent(Generation);

    internal sealed record CatalogueRead(int Generation, ServerCatalogue Catalogue) : ConnectionEvent(Generation);

    internal sealed record CatalogueFailed(int Generation, Exception Cause) : ConnectionEvent(Generation);
}
