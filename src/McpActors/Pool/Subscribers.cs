using Akka.Actor;

namespace McpActors.Pool;

/// <summary>
/// The subscribers to the pool's events. A new one receives the pool's status first, and then the events that happened meanwhile. Owned by
/// the pool actor alone.
/// </summary>
internal sealed class Subscribers
{
    private readonly HashSet<IActorRef> _active = [];
    private readonly Dictionary<IActorRef, List<PoolEvent>> _waiting = [];

    /// <summary>Adds a subscriber that waits for the status; false when it is already one.</summary>
    public bool TryAdd(IActorRef subscriber) => !_active.Contains(subscriber) && _waiting.TryAdd(subscriber, []);

    public void Remove(IActorRef subscriber)
    {
        _active.Remove(subscriber);
        _waiting.Remove(subscriber);
    }

    /// <summary>Removes and returns all subscribers, so that a restarted pool actor can add them again.</summary>
    public IReadOnlyList<IActorRef> TakeAll()
    {
        IActorRef[] all = [.. _active, .. _waiting.Keys];
        _active.Clear();
        _waiting.Clear();
        return all;
    }

    /// <summary>Sends a waiting subscriber the status, and the events since it subscribed.</summary>
    public void SendSnapshot(IActorRef subscriber, PoolStatus status)
    {
        if (!_waiting.Remove(subscriber, out var missed))
            return;
        subscriber.Tell(status);
        missed.ForEach(subscriber.Tell);
        _active.Add(subscriber);
    }

    public void Tell(PoolEvent news)
    {
        foreach (var subscriber in _active)
            subscriber.Tell(news);
        foreach (var missed in _waiting.Values)
            missed.Add(news);
    }
}
