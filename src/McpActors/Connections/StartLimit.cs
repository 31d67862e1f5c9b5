namespace McpActors.Connections;

/// <summary>
/// The time limit of a connection that is being opened: first that of the start, and from the server's first message on that of the
/// handshake. Thread-safe.
/// </summary>
internal sealed class StartLimit : IDisposable
{
    private readonly CancellationTokenSource _over = new();
    private readonly TimeSpan _handshake;
    private readonly ITimer _timer;

    /// <summary>Begins with the start.</summary>
    /// <param name="start">How long the server may be silent.</param>
    /// <param name="handshake">How long the handshake may take from its first message on.</param>
    /// <param name="time">The clock.</param>
    public StartLimit(TimeSpan start, TimeSpan handshake, TimeProvider time)
    {
        _handshake = handshake;
        _timer = time.CreateTimer(_ => Cancel(), null, start, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Cancelled when the time is over.</summary>
    public CancellationToken Token => _over.Token;

    /// <summary>The server has sent its first message.</summary>
    public void BeginHandshake() => _timer.Change(_handshake, Timeout.InfiniteTimeSpan);

    public void Dispose()
    {
        _timer.Dispose();
        _over.Dispose();
    }

    private void Cancel()
    {
        try
        {
            _over.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The connection opened at this moment.
        }
    }
}
