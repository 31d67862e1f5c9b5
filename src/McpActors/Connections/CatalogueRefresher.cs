using Akka.Actor;
using McpActors.Configuration;

namespace McpActors.Connections;

/// <summary>
/// Reads the catalogue of its actor's open connection: after it opened, after each change, and on a timer. The actor passes the events on.
/// </summary>
internal sealed class CatalogueRefresher(IWithTimers owner, IActorRef self, PoolSettings pool)
{
    private const string Timer = "catalogue";

    private readonly CatalogueSchedule _schedule = new();
    private Connection? _connection;
    private int _generation;

    /// <summary>Starts with a new connection, and reads its catalogue.</summary>
    public void Start(Connection connection, int generation)
    {
        (_connection, _generation) = (connection, generation);
        _schedule.Restart();
        OnDue();
    }

    /// <summary>Stops; the connection is no longer open.</summary>
    public void Stop()
    {
        owner.Timers.Cancel(Timer);
        _connection = null;
    }

    /// <summary>The timer is over, or the server reported a change.</summary>
    public void OnDue()
    {
        if (!_schedule.TryBegin())
            return;
        var generation = _generation;
        _ = _connection!.Catalogue.ReadAsync(pool.ConnectTimeout).PipeTo(
            self,
            success: catalogue => new ConnectionEvent.CatalogueRead(generation, catalogue),
            failure: e => new ConnectionEvent.CatalogueFailed(generation, e));
    }

    /// <summary>The reading ended, with a catalogue or without one.</summary>
    public void OnEnded()
    {
        if (_schedule.End())
            OnDue();
        else
            owner.Timers.StartSingleTimer(Timer, new ConnectionEvent.CatalogueDue(_generation), pool.CatalogueRefresh);
    }
}
