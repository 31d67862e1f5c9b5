namespace McpActors.Connections;

/// <summary>
/// When the catalogue of one connection is read: never twice at a time; some time after an announced change, so that many at once are one
/// reading; once more after a change that was announced during a reading, which may have missed it; and soon again, at growing intervals,
/// while a list cannot be read. A server whose announcements do not stop, or bring nothing new, is read less and less often, down to once a
/// minute. Pure: time is passed in.
/// </summary>
/// <param name="refresh">The time between readings without an announcement.</param>
internal sealed class CatalogueSchedule(TimeSpan refresh)
{
    /// <summary>The time for which announcements are gathered, and the shortest pause between two readings.</summary>
    public static readonly TimeSpan Gather = TimeSpan.FromSeconds(1);

    /// <summary>The longest pause between readings that announcements ask for.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    /// <summary>The time until the first repetition for a list that could not be read.</summary>
    public static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(2);

    private readonly TimeSpan _refresh = refresh < Gather ? Gather : refresh;
    private TimeSpan _pause = Gather;
    private TimeSpan _retry = FirstRetry;
    private bool _isReading;
    private bool _isAnnounced;
    private bool _followsAnnouncement;
    private bool _isSlowedDown;
    private DateTimeOffset _ended = DateTimeOffset.MinValue;
    private DateTimeOffset _wholeUntil = DateTimeOffset.MinValue;

    /// <summary>Starts over for a new connection, whose catalogue is read at once.</summary>
    public void Restart()
    {
        (_pause, _retry) = (Gather, FirstRetry);
        (_isReading, _isAnnounced, _followsAnnouncement, _isSlowedDown) = (false, false, false, false);
        (_ended, _wholeUntil) = (DateTimeOffset.MinValue, DateTimeOffset.MinValue);
    }

    /// <summary>The server announced a change.</summary>
    /// <returns>The time until the next reading; null: it is known already, or the end of the reading under way decides.</returns>
    public TimeSpan? Announce(DateTimeOffset now)
    {
        if (_isAnnounced)
            return null;
        _isAnnounced = true;
        if (_isReading)
            return null;
        if (now - _ended > _pause * 2)
            _pause = Gather;
        else if (_followsAnnouncement && now - _ended < _pause)
            SlowDown();
        var left = _ended == DateTimeOffset.MinValue ? TimeSpan.Zero : _ended + _pause - now;
        return left > Gather ? left : Gather;
    }

    /// <summary>The time for a reading has come.</summary>
    /// <returns>Whether all lists are read; otherwise only those that could not be.</returns>
    public bool Begin(DateTimeOffset now)
    {
        var isWhole = _isAnnounced || now >= _wholeUntil;
        (_isReading, _followsAnnouncement, _isAnnounced, _isSlowedDown) = (true, _isAnnounced, false, false);
        if (isWhole)
            _wholeUntil = now + _refresh;
        return isWhole;
    }

    /// <summary>The reading ended.</summary>
    /// <param name="now">The time.</param>
    /// <param name="hasChanged">It brought something new.</param>
    /// <param name="hasFailed">A list could not be read.</param>
    /// <returns>The time until the next one.</returns>
    public TimeSpan End(DateTimeOffset now, bool hasChanged, bool hasFailed)
    {
        (_isReading, _ended) = (false, now);
        if (_followsAnnouncement && (_isAnnounced || !hasChanged))
            SlowDown();
        var retry = _retry;
        _retry = !hasFailed ? FirstRetry : retry * 2 < _refresh ? retry * 2 : _refresh;
        if (_isAnnounced)
            return _pause;
        return hasFailed && retry < _refresh ? retry : _wholeUntil - now > Gather ? _wholeUntil - now : Gather;
    }

    private void SlowDown()
    {
        if (_isSlowedDown)
            return;
        _isSlowedDown = true;
        _pause = _pause * 2 < LongestPause ? _pause * 2 : LongestPause;
    }
}
