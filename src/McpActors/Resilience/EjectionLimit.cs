namespace McpActors.Resilience;

/// <summary>
/// Limits the share of a group's circuits that are open at once, so that failures of all servers do not make the whole group unavailable
/// (Envoy's max_ejection_percent). Shared by the circuits of a group, which belong to different actors. Thread-safe.
/// </summary>
/// <param name="share">The share of circuits that may be open; 0 to 1.</param>
internal sealed class EjectionLimit(double share)
{
    private readonly Lock _gate = new();
    private int _members;
    private int _open;

    public void Join()
    {
        lock (_gate)
            _members++;
    }

    public void Leave()
    {
        lock (_gate)
            _members--;
    }

    /// <summary>Takes a place among the open circuits, if one is free. <see cref="Closed"/> returns it.</summary>
    public bool TryOpen()
    {
        lock (_gate)
        {
            if (_open + 1 > share * _members)
                return false;
            _open++;
            return true;
        }
    }

    public void Closed()
    {
        lock (_gate)
            _open--;
    }
}
