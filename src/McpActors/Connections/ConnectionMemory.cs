namespace McpActors.Connections;

/// <summary>
/// What outlives a crash of the actors of one server: the next instance goes on where the last one ended. Belongs to one connection actor
/// at a time; a server that replaces another one has a memory of its own.
/// </summary>
internal sealed class ConnectionMemory
{
    /// <summary>The last report: catalogue, restarts, last error.</summary>
    public ConnectionReport Report { get; set; } = new();

    /// <summary>Waits since the last connection that lasted, so that each one is longer than the one before.</summary>
    public int Backoffs { get; set; }

    /// <summary>The revision that the server has to be asked for by name; null when it negotiates.</summary>
    public string? PinnedVersion { get; set; }

    /// <summary>How the server answers ping.</summary>
    public PingMemory Ping { get; } = new();

    /// <summary>Completes once every earlier client and its process are gone, or were given up. It may fail.</summary>
    public Task Gone { get; private set; } = Task.CompletedTask;

    /// <summary>An earlier client or its process may still be there.</summary>
    public bool IsClosing => !Gone.IsCompleted;

    /// <summary>Another client is being closed.</summary>
    public void Close(Task closing) => Gone = IsClosing ? Task.WhenAll(Gone, closing) : closing;
}

/// <summary>Numbers all connections of the process, one after another; no number is used twice. Thread-safe.</summary>
internal static class ConnectionGenerations
{
    private static long _last;

    public static long Next() => Interlocked.Increment(ref _last);
}
