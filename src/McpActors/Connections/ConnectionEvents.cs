using Akka.Actor;
using Akka.Event;
using McpActors.Configuration;

namespace McpActors.Connections;

/// <summary>
/// An event of one generation of a connection, which <see cref="ServerConnectionActor"/> sends to itself. It is ignored once a newer
/// generation has begun, and may outlive the actor.
/// </summary>
internal abstract record ConnectionEvent(long Generation) : IDeadLetterSuppression, INoSerializationVerificationNeeded
{
    /// <summary>The actor has started.</summary>
    internal sealed record Started(long Generation) : ConnectionEvent(Generation);

    /// <summary>The server's secrets were read, as they are for the connection that is opened now.</summary>
    internal sealed record SecretsRead(long Generation, Redactor Redactor) : ConnectionEvent(Generation);

    /// <summary>The time to look at what a program writes while it starts.</summary>
    internal sealed record OutputDue(long Generation) : ConnectionEvent(Generation);

    internal sealed record Opened(long Generation, Connection Connection) : ConnectionEvent(Generation);

    internal sealed record OpenFailed(long Generation, Exception Cause) : ConnectionEvent(Generation);

    /// <summary>The SDK's client ended.</summary>
    internal sealed record Ended(long Generation, ConnectionEnd End) : ConnectionEvent(Generation);

    /// <summary>The server answered a call after it had not answered a probe.</summary>
    internal sealed record CallAnswered(long Generation) : ConnectionEvent(Generation);

    /// <summary>The backoff is over.</summary>
    internal sealed record ReconnectDue(long Generation) : ConnectionEvent(Generation);

    internal sealed record ProbeDue(long Generation) : ConnectionEvent(Generation);

    internal sealed record ProbeAnswered(long Generation, ProbeAnswer Answer) : ConnectionEvent(Generation);

    internal sealed record ProbeFailed(long Generation, Exception Cause) : ConnectionEvent(Generation);

    /// <summary>The time for the next reading of the catalogue has come.</summary>
    internal sealed record CatalogueDue(long Generation) : ConnectionEvent(Generation);

    /// <summary>The server announced that its catalogue has changed.</summary>
    internal sealed record CatalogueChanged(long Generation, ChangeAnnouncements By) : ConnectionEvent(Generation);

    /// <summary>The tools were read; the other lists take longer.</summary>
    internal sealed record ToolsRead(long Generation, ServerCatalogue? Catalogue) : ConnectionEvent(Generation);

    internal sealed record CatalogueRead(long Generation, CatalogueReading Reading) : ConnectionEvent(Generation);
}

/// <summary>The closing of an old connection has ended; another one may have begun since.</summary>
internal sealed record OldConnectionClosed : IDeadLetterSuppression, INoSerializationVerificationNeeded
{
    public static OldConnectionClosed Instance { get; } = new();
}
