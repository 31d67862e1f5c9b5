using Akka.Actor;
using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Resilience;

namespace McpActors.Pool;

/// <summary>One server as the pool keeps it: its settings, the actor of its circuit, its last report. Owned by the pool actor alone.</summary>
internal sealed class PooledServer(KnownServer known, IActorRef circuit, int ordinal)
{
    public ServerSettings Settings => known.Settings;

    /// <summary>Which of its settings these are.</summary>
    public long Revision => known.Revision;

    public KnownServer Known => known;

    public string Name => known.Settings.Name;

    public IActorRef Circuit => circuit;

    public int Ordinal => ordinal;

    public ServerReport Report { get; set; } = new(new ConnectionReport(), CircuitState.Closed, "", null, false);

    /// <summary>The error that was logged last and still stands: a server that stays down is one line, not one for each try.</summary>
    public string? LoggedError { get; set; }

    /// <summary>The one whose place it is to take, which serves until this one has settled; nothing once this one serves.</summary>
    public PooledServer? Replaces { get; set; }

    /// <summary>It has connected, or failed to, or is not to.</summary>
    public bool HasSettled => Report.Connection.Status is ServerStatus.Connected or ServerStatus.Error || IsClosed;

    public bool IsClosed => Report.Connection is { Status: ServerStatus.Disconnected, Closed: true };
}
