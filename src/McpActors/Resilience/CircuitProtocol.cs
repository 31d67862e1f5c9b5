using Akka.Event;
using McpActors.Connections;

namespace McpActors.Resilience;

/// <summary>What the pool asks of a server's circuit.</summary>
internal enum CircuitCommand
{
    /// <summary>Hold it open until reset.</summary>
    Isolate,

    /// <summary>Close it and forget its failures.</summary>
    Reset,

    /// <summary>Let nothing new in; when what runs has ended, or after the time limit, disconnect.</summary>
    Drain,
}

/// <summary>A circuit tells the pool of each change of itself and of its connection.</summary>
/// <param name="Connection">The connection's last report.</param>
/// <param name="Circuit">The circuit's state.</param>
/// <param name="CircuitReason">Why it is in that state.</param>
/// <param name="OpenUntil">When an open circuit lets a trial call through.</param>
/// <param name="Draining">It takes no new calls.</param>
internal sealed record ServerReport(
    ConnectionReport Connection, CircuitState Circuit, string CircuitReason, DateTimeOffset? OpenUntil, bool Draining) : IDeadLetterSuppression;

/// <summary>What a circuit holds.</summary>
/// <param name="Running">Attempts that its connection has.</param>
/// <param name="Places">Places of the bulkhead that are taken.</param>
/// <param name="Queued">Attempts that wait for a place.</param>
internal sealed record HeldByCircuit(int Running, int Places, int Queued);
