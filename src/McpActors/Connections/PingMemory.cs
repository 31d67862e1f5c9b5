namespace McpActors.Connections;

/// <summary>
/// How one server answers <c>ping</c>, as far as known. Some servers never do and are healthy, so an unanswered ping proves something only
/// about a server that has answered one before. Thread-safe.
/// </summary>
internal sealed class PingMemory
{
    private volatile bool _isAnswered;
    private int _isIgnored;

    /// <summary>The server has answered a ping.</summary>
    public bool IsAnswered => _isAnswered;

    /// <summary>The server answers other requests and no ping.</summary>
    public bool IsIgnored => Volatile.Read(ref _isIgnored) == 1;

    public void NoteAnswer() => _isAnswered = true;

    /// <summary>
    /// Notes how a ping failed that a server did not answer while it answered another request. No answer in time and a status are the
    /// server's way with pings; anything else, such as a connection that was reset, is an accident.
    /// </summary>
    /// <returns>Whether it shows for the first time that the server answers no ping.</returns>
    public bool NoteRefusal(Exception failure) =>
        failure is TimeoutException or HttpRequestException { StatusCode: not null } && Interlocked.Exchange(ref _isIgnored, 1) == 0;
}

/// <summary>A server's answer to a probe.</summary>
/// <param name="Pause">How long the server asks its clients to pause; null when it does not.</param>
/// <param name="IsFirstWithoutPing">It shows for the first time that the server does not answer ping.</param>
internal readonly record struct ProbeAnswer(TimeSpan? Pause, bool IsFirstWithoutPing = false);
