namespace McpActors.Transports;

/// <summary>A limit of messages, or of their cost, a second, all of which may come at once. Thread-safe.</summary>
/// <param name="perSecond">The limit.</param>
/// <param name="time">The clock.</param>
internal sealed class MessageRate(int perSecond, TimeProvider time)
{
    private readonly Lock _lock = new();
    private double _left = perSecond;
    private long _last = time.GetTimestamp();

    public int PerSecond => perSecond;

    /// <summary>Counts a message; false when it is one too many.</summary>
    /// <param name="cost">What it counts.</param>
    public bool TryTake(long cost = 1)
    {
        lock (_lock)
        {
            if (_left < cost)
            {
                var now = time.GetTimestamp();
                _left = Math.Min(perSecond, _left + time.GetElapsedTime(_last, now).TotalSeconds * perSecond);
                _last = now;
            }
            if (_left < cost)
                return false;
            _left -= cost;
            return true;
        }
    }
}
