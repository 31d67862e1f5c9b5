using Akka.Actor;
using McpActors.Configuration;

namespace McpActors.Connections;

/// <summary>
/// Reads the catalogue of its actor's open connection: after it opened, after each change, and on a timer. The actor passes the events on.
/// </summary>
internal sealed class CatalogueRefresher(IWithTimers owner, IActorRef self, PoolSettings pool)
{
    private const string Timer = "catalogue";

    private readonly CatalogueSchedule _schedule = new(pool.CatalogueRefresh);
    private Connection? _connection;
    private long _generation;
    private IReadOnlyList<ListFailure> _failures = [];

    /// <summary>Starts with a new connection, and reads its catalogue.</summary>
    public void Start(Connection connection, long generation, ServerCatalogue? known, DateTimeOffset now)
    {
        (_connection, _generation, _failures) = (connection, generation, []);
        _schedule.Restart();
        OnDue(known, now);
    }

    /// <summary>Stops; the connection is no longer open.</summary>
    public void Stop()
    {
        owner.Timers.Cancel(Timer);
        _connection = null;
    }

    /// <summary>The server announced a change.</summary>
    public void OnAnnounced(DateTimeOffset now)
    {
        if (_schedule.Announce(now) is { } wait)
            Schedule(wait);
    }

    /// <summary>The timer is over.</summary>
    /// <param name="known">The last catalogue of the server.</param>
    /// <param name="now">The time.</param>
    public void OnDue(ServerCatalogue? known, DateTimeOffset now)
    {
        var generation = _generation;
        var wanted = new WantedCatalogue(
            known,
            _schedule.Begin(now) ? null : [.. _failures.Select(failure => failure.Method)],
            pool.MaxCatalogueSize,
            pool.ConnectTimeout,
            pool.DiscoverTimeout,
            tools => self.Tell(new ConnectionEvent.ToolsRead(generation, tools)));
        _ = _connection!.Catalogue.ReadAsync(wanted).PipeTo(
            self,
            success: reading => new ConnectionEvent.CatalogueRead(generation, reading),
            failure: e => new ConnectionEvent.CatalogueRead(generation, CatalogueReading.Failed(known, e)));
    }

    /// <summary>The reading ended, whatever it brought.</summary>
    /// <param name="reading">What it brought.</param>
    /// <param name="now">The time.</param>
    public void OnEnded(CatalogueReading reading, DateTimeOffset now)
    {
        _failures = reading.Failures;
        Schedule(_schedule.End(now, reading.HasChanged, _failures.Count > 0));
    }

    private void Schedule(TimeSpan wait) =>
        owner.Timers.StartSingleTimer(Timer, new ConnectionEvent.CatalogueDue(_generation), wait);
}

/// <summary>
/// The announcements of a server that its catalogue has changed. Many at once are one event: a server cannot fill the mailbox with them.
/// Thread-safe.
/// </summary>
internal sealed class ChangeAnnouncements(IActorRef connection, long generation)
{
    private int _isPending;

    /// <summary>The server announced a change.</summary>
    public void Announce()
    {
        if (Interlocked.Exchange(ref _isPending, 1) == 0)
            connection.Tell(new ConnectionEvent.CatalogueChanged(generation, this));
    }

    /// <summary>The connection has taken the event out of its mailbox; a later announcement is another event.</summary>
    public void Take() => Interlocked.Exchange(ref _isPending, 0);
}
