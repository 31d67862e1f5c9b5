namespace McpActors.Routing;

/// <summary>
/// The server, and its session, that served an affinity key last. A full table forgets the least recently used key. Owned by the router
/// alone.
/// </summary>
/// <param name="capacity">The largest number of keys.</param>
internal sealed class AffinityTable(int capacity)
{
    private readonly record struct Key(string Group, string Affinity);

    private sealed record Entry(Key Key, string Server, long Session);

    private readonly Dictionary<Key, LinkedListNode<Entry>> _entries = [];

    // Most recently used first.
    private readonly LinkedList<Entry> _byUse = new();

    public int Count => _entries.Count;

    public bool TryFind(string group, string affinityKey, out string server, out long session)
    {
        if (!_entries.TryGetValue(new Key(group, affinityKey), out var node))
        {
            (server, session) = ("", 0);
            return false;
        }
        _byUse.Remove(node);
        _byUse.AddFirst(node);
        (server, session) = (node.Value.Server, node.Value.Session);
        return true;
    }

    public void Remember(string group, string affinityKey, string server, long session)
    {
        var entry = new Entry(new Key(group, affinityKey), server, session);
        if (_entries.TryGetValue(entry.Key, out var known))
        {
            known.Value = entry;
            return;
        }
        if (_entries.Count >= capacity)
        {
            _entries.Remove(_byUse.Last!.Value.Key);
            _byUse.RemoveLast();
        }
        _entries.Add(entry.Key, _byUse.AddFirst(entry));
    }

    /// <summary>Forgets the key, unless it belongs to another session by now.</summary>
    public void Forget(string group, string affinityKey, long session)
    {
        var key = new Key(group, affinityKey);
        if (!_entries.TryGetValue(key, out var node) || node.Value.Session != session)
            return;
        _entries.Remove(key);
        _byUse.Remove(node);
    }
}
