namespace McpActors.Calls;

/// <summary>
/// A queue by due time for many entries, nearly all of which finish long before. An entry that is no longer due at the time it was queued
/// for is dropped when its turn comes, or when stale entries outnumber live ones.
/// </summary>
/// <typeparam name="T">The entries.</typeparam>
/// <param name="dueAt">When an entry is due as of now; null when it is finished.</param>
internal sealed class DeadlineQueue<T>(Func<T, DateTimeOffset?> dueAt)
{
    private const int SmallestSweep = 1024;

    private readonly PriorityQueue<T, DateTimeOffset> _queue = new();
    private int _nextSweep = SmallestSweep;

    public int Count => _queue.Count;

    public void Add(T item, DateTimeOffset due)
    {
        _queue.Enqueue(item, due);
        if (_queue.Count >= _nextSweep)
            Sweep();
    }

    /// <summary>Takes the next entry that is due.</summary>
    public bool TryTake(DateTimeOffset now, out T item)
    {
        while (_queue.TryPeek(out item!, out var due) && due <= now)
        {
            _queue.Dequeue();
            if (dueAt(item) == due)
                return true;
        }
        item = default!;
        return false;
    }

    public void Clear() => _queue.Clear();

    private void Sweep()
    {
        var live = _queue.UnorderedItems.Where(entry => dueAt(entry.Element) == entry.Priority).ToArray();
        _queue.Clear();
        _queue.EnqueueRange(live);
        _nextSweep = Math.Max(SmallestSweep, 2 * live.Length);
    }
}
