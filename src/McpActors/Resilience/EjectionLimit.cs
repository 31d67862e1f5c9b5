namespace McpActors.Resilience;

/// <summary>
/// No more than a share of a group's circuits may be open at once, so that failures which hit all servers alike do not close the whole group
/// (Envoy's max_ejection_percent). One object for all circuits of a group; safe for several threads, because each belongs to another actor.
/// </summary>
/// <param name="share">0 to 1.</param>
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

    /// <summary>Takes a place among the open ones, if one is free; to be given back with <see cref="Closed"/>.</summary>
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
