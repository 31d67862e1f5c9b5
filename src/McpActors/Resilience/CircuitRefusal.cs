using McpActors.Connections;

namespace McpActors.Resilience;

/// <summary>The answers to attempts that a circuit or its bulkhead does not admit. Pure.</summary>
internal static class CircuitRefusal
{
    /// <summary>The wait that callers are asked for when all places are taken.</summary>
    private static readonly TimeSpan OverloadedRetryAfter = TimeSpan.FromSeconds(1);

    /// <summary>Why a connection is closed after a command to disconnect.</summary>
    public const string DisconnectedByOperator = "disconnected by an operator";

    public static AttemptResult Draining { get; } = AttemptResult.NotSent(AttemptCause.Draining, "it is being drained");

    /// <summary>It was drained and is closed.</summary>
    public static AttemptResult Drained(string because) => AttemptResult.NotSent(AttemptCause.Draining, because);

    public static AttemptResult NotConnected { get; } =
        AttemptResult.NotSent(AttemptCause.NotConnected, "its connection failed unexpectedly and is being restarted");

    /// <summary>All places are taken, also those to wait in.</summary>
    public static AttemptResult Full(int running, int waiting) =>
        AttemptResult.NotSent(AttemptCause.Overloaded, $"{running} calls run on it and {waiting} wait") with
        {
            RetryAfter = OverloadedRetryAfter,
        };

    /// <summary>
    /// The end of an attempt, with the reason for which the circuit closed its connection: the connection does not know it.
    /// </summary>
    /// <param name="ended">The end.</param>
    /// <param name="server">The server.</param>
    /// <param name="because">Why the circuit closed the connection; null when it did not.</param>
    public static AttemptEnded Worded(AttemptEnded ended, string server, string? because)
    {
        if (because is null || ended.Result is not { Outcome: AttemptOutcome.Lost, Cause: AttemptCause.ConnectionLost })
            return ended;
        return ended with { Result = ended.Result with { Error = $"the connection to {server} was closed: {because}" } };
    }

    /// <summary>The circuit does not admit it.</summary>
    /// <param name="circuit">The circuit.</param>
    /// <param name="reason">Why it is in its state.</param>
    /// <param name="now">The time.</param>
    public static AttemptResult Of(Circuit circuit, string reason, DateTimeOffset now)
    {
        TimeSpan? left = circuit.State == CircuitState.Open && circuit.OpenUntil > now ? circuit.OpenUntil - now : null;
        var words = circuit.State switch
        {
            CircuitState.Isolated => "isolated by an operator",
            CircuitState.HalfOpen => "its circuit is half open and a trial call is under way",
            _ => $"its circuit is open for another {(circuit.OpenUntil - now).TotalSeconds:0.0} s: {reason}",
        };
        return AttemptResult.NotSent(AttemptCause.CircuitOpen, words) with { RetryAfter = left };
    }
}
