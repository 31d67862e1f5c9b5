namespace McpActors.Connections;

/// <summary>
/// When the catalogue of one connection is read: never twice at a time, and once more after a change that arrived during a reading, which
/// may have missed it. Pure.
/// </summary>
internal sealed class CatalogueSchedule
{
    private bool _reading;
    private bool _changed;

    /// <summary>Begins a reading; false while one is under way, which is then followed by another.</summary>
    public bool TryBegin()
    {
        if (_reading)
        {
            _changed = true;
            return false;
        }
        _reading = true;
        return true;
    }

    /// <summary>The reading ended.</summary>
    /// <returns>Whether another follows at once.</returns>
    public bool End()
    {
        var again = _changed;
        Restart();
        return again;
    }

    /// <summary>Starts over for a new connection.</summary>
    public void Restart() => (_reading, _changed) = (false, false);
}
