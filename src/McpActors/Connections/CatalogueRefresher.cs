using Akka.Actor;
using McpActors.Configuration;

namespace McpActors.Connections;

/// <summary>
/// Reads the catalogue of its actor's open connection: after it opened, after each change, and on a timer. The actor passes the events on.
/// </summary>
/// <param name="owner">The actor, which has the timer.</param>
/// <param name="self">The actor, which receives the events.</param>
/// <param name="pool">Intervals and limits.</param>
/// <param name="clock">The time at which answers come.</param>
/// <param name="onAnswer">Called, on any thread, when the server answered a part of a list.</param>
internal sealed class CatalogueRefresher(IWithTimers owner, IActorRef self, PoolSettings pool, TimeProvider clock, Action onAnswer)
{
    private const string Timer = "catalogue";

    private readonly CatalogueSchedule _schedule = new(pool.CatalogueRefresh);
    private Connection? _connection;
    private long _generation;
    private IReadOnlyList<ListFailure> _failures = [];
    private bool _isReading;
    private long _heardAt;

    /// <summary>
    /// How long a server that does one thing at a time may be busy with the list that is read now; null when none is.
    /// </summary>
    public DateTimeOffset? BusyUntil =>
        _isReading ? new DateTimeOffset(Interlocked.Read(ref _heardAt), TimeSpan.Zero) + pool.ConnectTimeout : null;

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
        (_connection, _isReading) = (null, false);
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
        _isReading = true;
        Interlocked.Exchange(ref _heardAt, now.UtcTicks);
        var wanted = new WantedCatalogue(
            known,
            _schedule.Begin(now) ? null : [.. _failures.Select(failure => failure.Method)],
            pool.MaxCatalogueSize,
            pool.ConnectTimeout,
            pool.DiscoverTimeout,
            tools => self.Tell(new ConnectionEvent.ToolsRead(generation, tools)))
        {
            OnAnswer = OnAnswer,
        };
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
        (_failures, _isReading) = (reading.Failures, false);
        Schedule(_schedule.End(now, reading.HasChanged, _failures.Count > 0));
    }

    private void OnAnswer()
    {
        Interlocked.Exchange(ref _heardAt, clock.GetUtcNow().UtcTicks);
        onAnswer();
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
