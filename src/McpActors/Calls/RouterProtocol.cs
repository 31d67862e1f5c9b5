using Akka.Actor;
using Akka.Event;
using McpActors.Configuration;
using McpActors.Resilience;

namespace McpActors.Calls;

/// <summary>A server serves from now on, or in the place of the one of the same name.</summary>
/// <param name="Settings">The server.</param>
/// <param name="Circuit">The actor of its circuit.</param>
/// <param name="Ordinal">Its place in configured order.</param>
internal sealed record ServerJoined(ServerSettings Settings, IActorRef Circuit, int Ordinal) : INoSerializationVerificationNeeded;

/// <summary>A server is sent no new calls any more; those under way end where they are.</summary>
internal sealed record ServerLeft(string Name) : INoSerializationVerificationNeeded;

/// <summary>A circuit is about to be stopped; answered with <see cref="CircuitReleased"/> once nothing more is sent to it.</summary>
internal sealed record ReleaseCircuit(IActorRef Circuit) : INoSerializationVerificationNeeded;

/// <summary>The router sends nothing more to this circuit.</summary>
internal sealed record CircuitReleased(IActorRef Circuit) : INoSerializationVerificationNeeded;

/// <summary>A server's circuit or connection changed. At shutdown the last ones find nobody, which is no news.</summary>
internal sealed record ServerReported(string Name, IActorRef Circuit, ServerReport Report) : IDeadLetterSuppression, INoSerializationVerificationNeeded;

/// <summary>Calls from now on go by these settings; the servers are told one by one.</summary>
internal sealed record SettingsChanged(Configuration.PoolSettings Settings) : INoSerializationVerificationNeeded;

/// <summary>The router began again without memory and asks its parent for the servers.</summary>
internal sealed record ServersWanted : INoSerializationVerificationNeeded;

/// <summary>All servers were told; calls may pass.</summary>
internal sealed record ServersTold : INoSerializationVerificationNeeded;

/// <summary>The pool closes: new calls are refused.</summary>
internal sealed record CloseDoor : INoSerializationVerificationNeeded;

/// <summary>Asks for <see cref="CallsEnded"/> once nothing is under way.</summary>
internal sealed record TellWhenCallsEnded : INoSerializationVerificationNeeded;

/// <summary>Nothing is under way.</summary>
internal sealed record CallsEnded : INoSerializationVerificationNeeded;

/// <summary>Cancels the call of a caller in this process, who is known by its reference.</summary>
internal sealed record CancelCallOf(IActorRef Caller) : INoSerializationVerificationNeeded;

/// <summary>Asks for a <see cref="StatusFor"/>.</summary>
internal sealed record GetStatusFor(IActorRef Subscriber) : INoSerializationVerificationNeeded;

/// <summary>The pool's status, and whom it is for.</summary>
internal sealed record StatusFor(IActorRef Subscriber, PoolStatus Status) : INoSerializationVerificationNeeded;

/// <summary>What the router holds.</summary>
/// <param name="Calls">Calls not yet answered, or whose attempts have not all ended.</param>
/// <param name="CallIds">Callers' ids of calls not yet answered.</param>
/// <param name="Attempts">Attempts that a circuit has.</param>
/// <param name="Deadlines">Entries of the queue of deadlines.</param>
/// <param name="Ticking">The timer behind that queue runs.</param>
internal sealed record RouterLoad(int Calls, int CallIds, int Attempts, int Deadlines, bool Ticking) : INoSerializationVerificationNeeded;
