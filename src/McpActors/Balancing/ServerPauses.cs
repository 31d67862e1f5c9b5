namespace McpActors.Balancing;

/// <summary>
/// The servers that asked their clients to pause (HTTP 429 or 503 with <c>Retry-After</c>), ordered by the end of the pause. A pause
/// belongs to the entry of a server, so a server that was replaced and its replacement pause independently. Owned by the router alone.
/// </summary>
internal sealed class ServerPauses
{
    // A later pause of the same server, or the end of one by a command, makes its earlier entries stale.
    private readonly PriorityQueue<ServerEntry, DateTimeOffset> _ends = new();

    /// <summary>Pauses a server; a later call replaces the earlier end.</summary>
    public void Add(ServerEntry server, TimeSpan length, DateTimeOffset now)
    {
        var end = now + AskedWait.Kept(length);
        server.PausedUntil = end;
        _ends.Enqueue(server, end);
    }

    /// <summary>Ends the next pause that is over.</summary>
    public bool TryEnd(DateTimeOffset now, out ServerEntry server)
    {
        while (_ends.TryPeek(out server!, out var end) && end <= now)
        {
            _ends.Dequeue();
            if (server.PausedUntil != end)
                continue;
            server.PausedUntil = null;
            return true;
        }
        return false;
    }
}
