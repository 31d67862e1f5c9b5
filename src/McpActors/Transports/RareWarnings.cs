namespace McpActors.Transports;

/// <summary>
/// Decides which of many equal log lines are written: of each kind one a minute, so that a server cannot fill the log. Thread-safe.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class RareWarnings(TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, (long At, long Omitted)> _kinds = [];

    /// <summary>
    /// Null if a line of this kind must be left out now; otherwise how many were left out since the last one.
    /// </summary>
    public long? Due(string kind)
    {
        var now = time.GetTimestamp();
        lock (_kinds)
        {
            if (_kinds.TryGetValue(kind, out var last) && time.GetElapsedTime(last.At, now) < Pause)
            {
                _kinds[kind] = (last.At, last.Omitted + 1);
                return null;
            }
            _kinds[kind] = (now, 0);
            return last.Omitted;
        }
    }
}
