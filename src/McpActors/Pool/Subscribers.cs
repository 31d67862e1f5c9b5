using Akka.Actor;

namespace McpActors.Pool;

/// <summary>
/// Who is told of events. A new subscriber gets the pool's status first: what happens until that is known is kept back for it. Owned by the
/// pool actor alone.
/// </summary>
internal sealed class Subscribers
{
    private readonly HashSet<IActorRef> _told = [];
    private readonly Dictionary<IActorRef, List<PoolEvent>> _waiting = [];

    /// <summary>Adds one that waits for the status; false when it is already there.</summary>
    public bool TryAdd(IActorRef subscriber) => !_told.Contains(subscriber) && _waiting.TryAdd(subscriber, []);

    public void Remove(IActorRef subscriber)
    {
        _told.Remove(subscriber);
        _waiting.Remove(subscriber);
    }

    /// <summary>All that there are, who are none any more: to be added again by a pool actor that starts again.</summary>
    public IReadOnlyList<IActorRef> TakeAll()
    {
        IActorRef[] all = [.. _told, .. _waiting.Keys];
        _told.Clear();
        _waiting.Clear();
        return all;
    }

    /// <summary>The status for one that waits, and what happened since it came.</summary>
    public void SendSnapshot(IActorRef subscriber, PoolStatus status)
    {
        if (!_waiting.Remove(subscriber, out var missed))
            return;
        subscriber.Tell(status);
        missed.ForEach(subscriber.Tell);
        _told.Add(subscriber);
    }

    public void Tell(PoolEvent news)
    {
        foreach (var subscriber in _told)
            subscriber.Tell(news);
        foreach (var missed in _waiting.Values)
            missed.Add(news);
    }
}
