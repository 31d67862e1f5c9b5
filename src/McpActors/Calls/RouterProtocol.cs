using Akka.Actor;
using Akka.Event;
using McpActors.Configuration;
using McpActors.Resilience;

namespace McpActors.Calls;

/// <summary>A server takes calls from now on, and replaces the server of the same name if there is one.</summary>
/// <param name="Settings">The server.</param>
/// <param name="Circuit">The actor of its circuit.</param>
/// <param name="Ordinal">Its position in configured order.</param>
internal sealed record ServerJoined(ServerSettings Settings, IActorRef Circuit, int Ordinal) : INoSerializationVerificationNeeded;

/// <summary>A server takes no new calls; running calls end there.</summary>
internal sealed record ServerLeft(string Name) : INoSerializationVerificationNeeded;

/// <summary>An operator ends the pause that a server asked for, if there is one.</summary>
internal sealed record PauseLifted(string Name) : INoSerializationVerificationNeeded;

/// <summary>A circuit is about to stop. The reply is <see cref="CircuitReleased"/>, after which the router sends nothing to it.</summary>
internal sealed record ReleaseCircuit(IActorRef Circuit) : INoSerializationVerificationNeeded;

/// <summary>The router sends nothing more to this circuit.</summary>
internal sealed record CircuitReleased(IActorRef Circuit) : INoSerializationVerificationNeeded;

/// <summary>A server's circuit or connection changed. Dead letters of it at shutdown are harmless.</summary>
internal sealed record ServerReported(string Name, IActorRef Circuit, ServerReport Report)
    : IDeadLetterSuppression, INoSerializationVerificationNeeded;

/// <summary>New calls use these settings. Changes of servers are separate messages.</summary>
internal sealed record SettingsChanged(PoolSettings Settings) : INoSerializationVerificationNeeded;

/// <summary>The router has restarted without state and requests the servers from its parent.</summary>
internal sealed record ServersRequested : INoSerializationVerificationNeeded;

/// <summary>All servers have been sent again; the router takes calls.</summary>
internal sealed record ServersRestored : INoSerializationVerificationNeeded;

/// <summary>The pool closes: the router refuses new calls.</summary>
internal sealed record CloseDoor : INoSerializationVerificationNeeded;

/// <summary>Requests <see cref="CallsEnded"/> once no call is left.</summary>
internal sealed record ReportCallsEnded : INoSerializationVerificationNeeded;

/// <summary>No call is left.</summary>
internal sealed record CallsEnded : INoSerializationVerificationNeeded;

/// <summary>Cancels the call of a caller in this process, identified by the reference that waits for the answer.</summary>
internal sealed record CancelCallOf(IActorRef Caller) : INoSerializationVerificationNeeded;

/// <summary>Requests a <see cref="StatusFor"/>.</summary>
internal sealed record GetStatusFor(IActorRef Subscriber) : INoSerializationVerificationNeeded;

/// <summary>The pool's status, for one subscriber.</summary>
internal sealed record StatusFor(IActorRef Subscriber, PoolStatus Status) : INoSerializationVerificationNeeded;

/// <summary>The number of objects that the router holds.</summary>
/// <param name="Calls">Calls that are not answered, or that have running attempts.</param>
/// <param name="CallIds">Ids of calls that are not answered.</param>
/// <param name="Attempts">Attempts that are at a circuit.</param>
/// <param name="Deadlines">Entries of the queue of deadlines.</param>
/// <param name="Ticking">Whether the timer of that queue runs.</param>
internal sealed record RouterLoad(int Calls, int CallIds, int Attempts, int Deadlines, bool Ticking) : INoSerializationVerificationNeeded;
