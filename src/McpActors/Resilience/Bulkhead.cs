namespace McpActors.Resilience;

/// <summary>Limits the concurrent use of one server: some items run, some wait in order, and the rest are refused. Pure.</summary>
/// <typeparam name="T">The items.</typeparam>
/// <param name="maxInFlight">The most items that run; at least 1.</param>
/// <param name="maxQueue">The most items that wait; 0 for none.</param>
internal sealed class Bulkhead<T>(int maxInFlight, int maxQueue)
    where T : notnull
{
    private readonly LinkedList<T> _queue = new();

    /// <summary>The answer to a request for a place.</summary>
    internal enum Entry
    {
        /// <summary>The item may run now.</summary>
        Admitted,

        /// <summary>The item waits until <see cref="TryNext"/> returns it.</summary>
        Queued,

        /// <summary>The item is refused: all places are taken.</summary>
        Full,
    }

    public int InFlight { get; private set; }

    public int Queued => _queue.Count;

    /// <summary>Takes a place, or else a place in the queue.</summary>
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

    /// <summary>Frees the place of an item that has run.</summary>
    public void Leave() => InFlight--;

    /// <summary>Gives a free place to the first waiting item; false if there is no free place or no item.</summary>
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

    /// <summary>Removes the first item that matches from the queue.</summary>
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

    /// <summary>Empties the queue and returns its items in order.</summary>
    public IReadOnlyList<T> TakeQueued()
    {
        var all = _queue.ToArray();
        _queue.Clear();
        return all;
    }
}
