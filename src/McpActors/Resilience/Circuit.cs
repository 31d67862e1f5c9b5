using McpActors.Configuration;

namespace McpActors.Resilience;

/// <summary>
/// The state machine of one server's circuit, pure: the time is passed in.
/// <code>
///   Closed ──5 in a row, or half of at least 10 in 30 s──▶ Open ──its time is up──▶ HalfOpen
///     ▲  ▲                                                  ▲                         │ │
///     │  └────────────────── trial succeeds ────────────────┼─────────────────────────┘ │
///     │                                                     └────── trial fails ────────┘
///     └── Reset ── Isolated ◀── Isolate (from any state)
/// </code>
/// A result counts only for the state its call was admitted in: whatever comes late changes nothing. A result that is neither success nor
/// failure (a cancel, a refusal of our own) frees the trial's place and leaves the state. A trial that never returns is freed after a time.
/// </summary>
/// <param name="settings">When it opens, and for how long.</param>
/// <param name="random">The source of jitter.</param>
/// <param name="ejectionLimit">Limits how many circuits of the group may be open at once; null: nothing does.</param>
internal sealed class Circuit(CircuitSettings settings, Random random, EjectionLimit? ejectionLimit = null)
{
    private const int Buckets = 10;

    private readonly (long Slot, int Calls, int Failures)[] _window = new (long, int, int)[Buckets];
    private int _era;
    private int _inARow;
    private int _opened;
    private DateTimeOffset _openUntil;
    private DateTimeOffset? _trialUntil;
    private bool _countedOpen;

    /// <summary>A call that was let through, and in which state.</summary>
    internal readonly record struct Admission(int Era, bool Trial);

    public CircuitState State { get; private set; }

    /// <summary>When an open circuit lets a trial call through.</summary>
    public DateTimeOffset OpenUntil => _openUntil;

    /// <summary>Lets a call through, or not.</summary>
    /// <param name="now">The time.</param>
    /// <param name="trialLimit">A trial call that has not ended by then frees its place.</param>
    /// <param name="admission">What to hand to <see cref="Record"/> when the call ends.</param>
    /// <param name="forced">Let it through while open, too; how it ends then says nothing to the circuit. Isolated stays isolated.</param>
    public bool TryAdmit(DateTimeOffset now, DateTimeOffset trialLimit, out Admission admission, bool forced = false)
    {
        Tick(now);
        var trial = State == CircuitState.HalfOpen && (_trialUntil is null || now >= _trialUntil);
        if (trial)
        {
            // One that has overstayed says nothing any more, nor does its end free the place of this one.
            if (_trialUntil is not null)
                _era++;
            _trialUntil = trialLimit;
        }
        admission = new Admission(_era, trial);
        return trial || State == CircuitState.Closed || (forced && State != CircuitState.Isolated);
    }

    /// <summary>Notes how an admitted call ended: null for neither success nor failure.</summary>
    public void Record(Admission admission, bool? failed, DateTimeOffset now)
    {
        Tick(now);
        if (admission.Era != _era)
            return;
        if (admission.Trial)
        {
            _trialUntil = null;
            if (failed == true)
                Open(now);
            else if (failed == false)
                Close();
            return;
        }
        if (State == CircuitState.Closed && failed is { } isFailure)
            Count(isFailure, now);
    }

    /// <summary>Notes a failure that belongs to no call, such as a connection that could not be made.</summary>
    public void RecordFailure(DateTimeOffset now)
    {
        Tick(now);
        if (State == CircuitState.Closed)
            Count(true, now);
    }

    /// <summary>Moves an open circuit on when its time is up.</summary>
    public void Tick(DateTimeOffset now)
    {
        if (State == CircuitState.Open && now >= _openUntil)
            Enter(CircuitState.HalfOpen);
    }

    /// <summary>Holds it open until <see cref="Reset"/>.</summary>
    public void Isolate() => Enter(CircuitState.Isolated);

    /// <summary>Closes it and forgets every failure.</summary>
    public void Reset() => Close();

    private void Count(bool failed, DateTimeOffset now)
    {
        var slot = now.UtcTicks / (settings.Window.Ticks / Buckets);
        ref var bucket = ref _window[slot % Buckets];
        if (bucket.Slot != slot)
            bucket = (slot, 0, 0);
        bucket.Calls++;
        if (!failed)
        {
            _inARow = 0;
            return;
        }
        bucket.Failures++;
        _inARow++;
        if ((_inARow >= settings.ConsecutiveFailures || RatioReached(slot)) && MayOpen())
            Open(now);
    }

    private bool RatioReached(long slot)
    {
        var (calls, failures) = (0, 0);
        foreach (var bucket in _window)
        {
            if (bucket.Slot > slot - Buckets)
            {
                calls += bucket.Calls;
                failures += bucket.Failures;
            }
        }
        return calls >= settings.MinimumCalls && failures >= settings.FailureRatio * calls;
    }

    private bool MayOpen() => ejectionLimit is null || (_countedOpen = ejectionLimit.TryOpen());

    /// <summary>Gives back its part of the group's share of open circuits; to be called when the circuit is no more.</summary>
    public void GiveBackShare()
    {
        if (_countedOpen)
            ejectionLimit!.Closed();
        _countedOpen = false;
    }

    private void Open(DateTimeOffset now)
    {
        var max = settings.MaxOpenFor.TotalMilliseconds;
        var wait = Math.Min(max, settings.OpenFor.TotalMilliseconds * Math.Pow(2, _opened));
        var jittered = wait * (1 + (settings.Jitter * ((random.NextDouble() * 2) - 1)));
        _opened = Math.Min(_opened + 1, 30);
        _openUntil = now + TimeSpan.FromMilliseconds(Math.Min(max, jittered));
        Enter(CircuitState.Open);
    }

    private void Close()
    {
        _opened = 0;
        Enter(CircuitState.Closed);
    }

    private void Enter(CircuitState state)
    {
        State = state;
        if (state is CircuitState.Closed or CircuitState.Isolated)
            GiveBackShare();
        _era++;
        _inARow = 0;
        _trialUntil = null;
        Array.Clear(_window);
    }
}
