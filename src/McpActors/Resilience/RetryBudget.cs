using McpActors.Configuration;

namespace McpActors.Resilience;

/// <summary>
/// Limits the extra attempts of the whole pool, so that retries do not overload a failing group: a share of the calls of the last ten
/// seconds, and a fixed number per second besides (Finagle's retry budget). Pure.
/// </summary>
internal sealed class RetryBudget(RetryBudgetSettings settings)
{
    private const int Seconds = 10;

    private readonly (long Second, int Calls, int Withdrawn)[] _window = new (long, int, int)[Seconds];
    private double _reserve = settings.MinPerSecond;
    private DateTimeOffset _refilled = DateTimeOffset.MinValue;

    /// <summary>Records a new call.</summary>
    public void Deposit(DateTimeOffset now) => Slot(now).Calls++;

    /// <summary>Takes one extra attempt; false if the budget does not allow it.</summary>
    public bool TryWithdraw(DateTimeOffset now)
    {
        ref var slot = ref Slot(now);
        var (calls, withdrawn) = (0, 0);
        foreach (var entry in _window)
        {
            if (entry.Second > slot.Second - Seconds)
            {
                calls += entry.Calls;
                withdrawn += entry.Withdrawn;
            }
        }
        if (withdrawn + 1 <= settings.Ratio * calls)
        {
            slot.Withdrawn++;
            return true;
        }
        Refill(now);
        if (_reserve < 1)
            return false;
        _reserve--;
        return true;
    }

    private void Refill(DateTimeOffset now)
    {
        if (_refilled != DateTimeOffset.MinValue && now > _refilled)
            _reserve = Math.Min(settings.MinPerSecond, _reserve + (settings.MinPerSecond * (now - _refilled).TotalSeconds));
        _refilled = now;
    }

    private ref (long Second, int Calls, int Withdrawn) Slot(DateTimeOffset now)
    {
        var second = now.UtcTicks / TimeSpan.TicksPerSecond;
        ref var slot = ref _window[second % Seconds];
        if (slot.Second != second)
            slot = (second, 0, 0);
        return ref slot;
    }
}
