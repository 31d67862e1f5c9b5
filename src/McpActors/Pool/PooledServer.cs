using Akka.Actor;
using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Resilience;

namespace McpActors.Pool;

/// <summary>
/// One server as the pool keeps it: its settings, the actor of its circuit, its last report. Owned by the pool actor alone.
/// </summary>
internal sealed class PooledServer(KnownServer known, IActorRef circuit, int ordinal)
{
    public ServerSettings Settings => known.Settings;

    /// <summary>Which of its settings these are.</summary>
    public long Revision => known.Revision;

    public KnownServer Known => known;

    public string Name => known.Settings.Name;

    public IActorRef Circuit => circuit;

    /// <summary>Its place in configured order.</summary>
    public int Ordinal => ordinal;

    public ServerReport Report { get; set; } = new(new ConnectionReport(), CircuitState.Closed, "", null, false);

    /// <summary>The last logged error while it lasts: a server that stays down is one log line, not one for each attempt.</summary>
    public string? LoggedError { get; set; }

    /// <summary>The server whose place this one takes once it has settled; null when this one serves.</summary>
    public PooledServer? Replaces { get; set; }

    /// <summary>The server that will take this one's place; null when there is none.</summary>
    public PooledServer? Replacement { get; set; }

    /// <summary>Its replacement, if there is one, else the server itself.</summary>
    public PooledServer Latest => Replacement ?? this;

    /// <summary>It gets no new calls and stops when those in flight have ended.</summary>
    public bool IsLeaving { get; set; }

    /// <summary>Its first connection attempt has ended, or it is not meant to connect.</summary>
    public bool HasSettled => Report.Connection.Status is ServerStatus.Connected or ServerStatus.Error || IsClosed;

    public bool IsClosed => Report.Connection is { Status: ServerStatus.Disconnected, Closed: true };

    /// <summary>Its entries, which are pending until its first connection has failed or its first lists are read.</summary>
    public CatalogueSource CatalogueSource => new(
        Name,
        Settings.Group,
        Report.Connection.Catalogue,
        IsPending: Report.Connection is { Catalogue: null, Status: ServerStatus.Connecting or ServerStatus.Connected });
}
