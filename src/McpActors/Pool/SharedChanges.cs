using Akka.Actor;

namespace McpActors.Pool;

/// <summary>
/// Numbers the changes that are made to this pool and sends them to the other nodes of the cluster, where there is one. The numbers show
/// which of the changes from other nodes are older than a change of the same entry that was made here. A change is forgotten once none of
/// other nodes can cross it any more (<see cref="ChangesReceived"/>). Not thread-safe.
/// </summary>
internal sealed class SharedChanges
{
    private readonly Dictionary<string, long> _lastByEntry = new(StringComparer.Ordinal);
    private readonly Queue<(string Entry, long Number)> _unreceived = [];

    /// <summary>The number of entries with a change that changes of other nodes may still cross.</summary>
    public int Unreceived => _lastByEntry.Count;

    /// <summary>The actor that sends changes to the other nodes.</summary>
    public IActorRef Target { get; set; } = ActorRefs.Nobody;

    /// <summary>The number of the last change that was made here; 0 before the first.</summary>
    public long Last { get; private set; }

    public void Share(SharedChange change)
    {
        ++Last;
        // Without a cluster nothing crosses it.
        if (Target.IsNobody())
            return;
        _lastByEntry[change.Entry] = Last;
        _unreceived.Enqueue((change.Entry, Last));
        Target.Tell(change with { Number = Last });
    }

    public void Forget(ChangesReceived received)
    {
        while (_unreceived.TryPeek(out var oldest) && oldest.Number <= received.Number)
        {
            _unreceived.Dequeue();
            if (_lastByEntry.GetValueOrDefault(oldest.Entry) == oldest.Number)
                _lastByEntry.Remove(oldest.Entry);
        }
    }

    /// <summary>A newer change of the same entry was made here; the other nodes have it already.</summary>
    public bool IsOutdated(SharedChange change) => _lastByEntry.GetValueOrDefault(change.Entry) > change.Number;
}
