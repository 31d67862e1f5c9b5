using McpActors.Configuration;
using McpActors.Connections;

namespace McpActors.Resilience;

/// <summary>
/// The state machine of one server's circuit. Pure: the time is passed in.
/// <code>
///   Closed ──5 in a row, or half of at least 10 in 30 s──▶ Open ──open time ends──▶ HalfOpen
///     ▲  ▲                                                  ▲                         │ │
///     │  └────────────────── trial succeeds ────────────────┼─────────────────────────┘ │
///     │                                                     └────── trial fails ────────┘
///     └── Reset ── Isolated ◀── Isolate (from any state)
/// </code>
/// A result counts only in the state in which its call was admitted: late results change nothing. A result that is neither success nor
/// failure (a cancellation, a refusal by the pool) frees the place of a trial call and keeps the state. A trial call that never returns
/// loses its place after a time limit.
/// </summary>
/// <param name="settings">When the circuit opens, and for how long.</param>
/// <param name="random">The source of jitter.</param>
/// <param name="ejectionLimit">Limits how many circuits of the group are open at once; null: no limit.</param>
internal sealed class Circuit(CircuitSettings settings, Random random, EjectionLimit? ejectionLimit = null)
{
    private const int Buckets = 10;

    private readonly Backoff _openTimes = new(settings.OpenFor, settings.MaxOpenFor, factor: 2, settings.Jitter, random);
    private readonly (long Slot, int Calls, int Failures)[] _window = new (long, int, int)[Buckets];
    private int _era;
    private int _inARow;
    private int _opened;
    private DateTimeOffset _openUntil;
    private DateTimeOffset? _trialUntil;
    private bool _countedOpen;

    /// <summary>Identifies the state in which a call was admitted.</summary>
    internal readonly record struct Admission(int Era, bool Trial);

    public CircuitState State { get; private set; }

    /// <summary>When an open circuit admits a trial call.</summary>
    public DateTimeOffset OpenUntil => _openUntil;

    /// <summary>Admits a call, or refuses it.</summary>
    /// <param name="now">The time.</param>
    /// <param name="trialLimit">A trial call that has not ended by then loses its place.</param>
    /// <param name="admission">Passed to <see cref="Record"/> when the call ends.</param>
    /// <param name="forced">Also admit it while open or half open; its result is then ignored. An isolated circuit refuses it.</param>
    public bool TryAdmit(DateTimeOffset now, DateTimeOffset trialLimit, out Admission admission, bool forced = false)
    {
        Tick(now);
        var trial = State == CircuitState.HalfOpen && (_trialUntil is null || now >= _trialUntil);
        if (trial)
        {
            // The result of a trial call past its limit must neither count nor free the place of this one.
            if (_trialUntil is not null)
                _era++;
            _trialUntil = trialLimit;
        }
        admission = new Admission(_era, trial);
        return trial || State == CircuitState.Closed || (forced && State != CircuitState.Isolated);
    }

    /// <summary>Records how an admitted call ended; null for neither success nor failure.</summary>
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

    /// <summary>Records a failure outside of calls, such as a failed connection attempt.</summary>
    public void RecordFailure(DateTimeOffset now)
    {
        Tick(now);
        if (State == CircuitState.Closed)
            Count(true, now);
    }

    /// <summary>Half-opens an open circuit once its open time has ended.</summary>
    public void Tick(DateTimeOffset now)
    {
        if (State == CircuitState.Open && now >= _openUntil)
            Enter(CircuitState.HalfOpen);
    }

    /// <summary>Keeps it open until <see cref="Reset"/>.</summary>
    public void Isolate() => Enter(CircuitState.Isolated);

    /// <summary>Closes it and clears all failures.</summary>
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

    /// <summary>Returns its place under the ejection limit. Also called when the circuit is removed.</summary>
    public void ReleaseEjection()
    {
        if (_countedOpen)
            ejectionLimit!.Closed();
        _countedOpen = false;
    }

    private void Open(DateTimeOffset now)
    {
        _openUntil = now + _openTimes.After(_opened);
        _opened = Math.Min(_opened + 1, 30);
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
            ReleaseEjection();
        _era++;
        _inARow = 0;
        _trialUntil = null;
        Array.Clear(_window);
    }
}
