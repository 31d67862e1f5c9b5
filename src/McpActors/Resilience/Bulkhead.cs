namespace McpActors.Resilience;

/// <summary>Bounds how much of one server is used at a time: so many run, so many wait in order, the rest is turned away. Pure.</summary>
/// <typeparam name="T">What waits.</typeparam>
/// <param name="maxInFlight">How many may run; at least 1.</param>
/// <param name="maxQueue">How many may wait; 0 for none.</param>
internal sealed class Bulkhead<T>(int maxInFlight, int maxQueue)
    where T : notnull
{
    private readonly LinkedList<T> _queue = new();

    /// <summary>What became of a request for a place.</summary>
    internal enum Entry
    {
        /// <summary>It may run now.</summary>
        Admitted,

        /// <summary>It waits; <see cref="TryNext"/> hands it out.</summary>
        Queued,

        /// <summary>There is no room.</summary>
        Full,
    }

    public int InFlight { get; private set; }

    public int Queued => _queue.Count;

    /// <summary>Takes a place, or a place in the queue.</summary>
    public Entry Enter(T item)
    {
        if (InFlight < maxInFlight)
        {
            InFlight++;
            return Entry.Admitted;
        }
        if (_queue.Count >= maxQueue)
            return Entry.Full;
        _queue.AddLast(item);
        return Entry.Queued;
    }

    /// <summary>Gives a place back.</summary>
    public void Leave() => InFlight--;

    /// <summary>Gives a free place to the first that waits, if there are both.</summary>
    public bool TryNext(out T item)
    {
        item = default!;
        if (_queue.First is not { } first || InFlight >= maxInFlight)
            return false;
        item = first.Value;
        _queue.RemoveFirst();
        InFlight++;
        return true;
    }

    /// <summary>Takes the first that fits out of the queue.</summary>
    public bool TryRemoveQueued(Func<T, bool> match, out T item)
    {
        for (var node = _queue.First; node is not null; node = node.Next)
        {
            if (match(node.Value))
            {
                item = node.Value;
                _queue.Remove(node);
                return true;
            }
        }
        item = default!;
        return false;
    }

    /// <summary>Empties the queue.</summary>
    public IReadOnlyList<T> TakeQueued()
    {
        var all = _queue.ToArray();
        _queue.Clear();
        return all;
    }
}
