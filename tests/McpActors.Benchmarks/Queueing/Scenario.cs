namespace McpActors.Benchmarks.Queueing;

/// <summary>A simulated scenario. The same scenario gives the same result on every machine.</summary>
internal sealed record Scenario
{
    /// <summary>The strategy's name.</summary>
    public required string Strategy { get; init; }

    public int Servers { get; init; } = 10;

    /// <summary>The rate of calls relative to the capacity of the servers if none of them were slow or failing.</summary>
    public double Load { get; init; } = 0.7;

    /// <summary>The number of first servers that are slow, and the factor of their service time.</summary>
    public Some Slow { get; init; } = Some.None;

    /// <summary>The number of last servers that fail at once, and the probability of each failure.</summary>
    public Some Failing { get; init; } = Some.None;

    /// <summary>The number of servers after the slow ones that come and go, and the period in seconds.</summary>
    public Some Flapping { get; init; } = Some.None;

    public int Seed { get; init; } = 1;

    /// <summary>The number of calls that count, after a warm-up of a tenth of it.</summary>
    public int Calls { get; init; } = 400_000;

    /// <summary>A number of servers, and an amount.</summary>
    internal readonly record struct Some(int Count, double Amount)
    {
        public static Some None => default;
    }
}
