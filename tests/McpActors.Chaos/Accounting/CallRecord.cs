using McpActors.Chaos.Faults;

namespace McpActors.Chaos.Accounting;

/// <summary>The course of one call from its caller's view.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Safe">It may run twice.</param>
/// <param name="From">When it was sent, as a timestamp.</param>
/// <param name="To">When it was answered or given up, as a timestamp.</param>
/// <param name="Fault">The fault it is counted under.</param>
/// <param name="Attempts">The number of attempts.</param>
/// <param name="Error">Why it failed; null when it was answered with success, or not at all.</param>
/// <param name="Reply">The pool's reply, kept if its attempts are of interest; null for no reply and for success at once.</param>
internal sealed record CallRecord(
    long Number, bool Safe, long From, long To, FaultKind? Fault, int Attempts, PoolErrorKind? Error, object? Reply)
{
    /// <summary>The time that it took, without the pauses of the process.</summary>
    public required TimeSpan Took { get; init; }

    /// <summary>A reply came, of whatever kind.</summary>
    public bool Replied => Attempts > 0 || Error is not null;

    /// <summary>The reply was a success.</summary>
    public bool Succeeded => Replied && Error is null;

    public override string ToString()
    {
        var (message, attempts) = Reply switch
        {
            CallFailed failed => (failed.Error.Message, failed.Attempts),
            CallCompleted executed => ($"answered by {executed.Server}", executed.Attempts),
            _ => (Succeeded ? "answered at once" : "no reply", []),
        };
        var history = string.Join(
            "; ",
            attempts.Select(
                a => $"{a.Server} {a.Outcome} after {a.Elapsed.TotalMilliseconds:0} ms{(a.Error is null ? "" : $" ({a.Error})")}"));
        var kind = Safe ? "safe" : "unsafe";
        return $"call {Number} ({kind}, {Fault?.ToString() ?? "no fault"}): {Error?.ToString() ?? ""} {message} | {history}";
    }
}
