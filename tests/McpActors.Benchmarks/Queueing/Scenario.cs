namespace McpActors.Benchmarks.Queueing;

/// <summary>What is simulated. The same scenario gives the same result, on every machine.</summary>
internal sealed record Scenario
{
    /// <summary>The strategy's name.</summary>
    public required string Strategy { get; init; }

    public int Servers { get; init; } = 10;

    /// <summary>Calls by what the servers could serve if none of them were slow or failing.</summary>
    public double Load { get; init; } = 0.7;

    /// <summary>So many of the first servers take so many times as long.</summary>
    public Some Slow { get; init; } = Some.None;

    /// <summary>So many of the last servers fail at once, with this probability each time.</summary>
    public Some Failing { get; init; } = Some.None;

    /// <summary>So many servers after the slow ones come and go every so many seconds.</summary>
    public Some Flapping { get; init; } = Some.None;

    public int Seed { get; init; } = 1;

    /// <summary>Calls that are counted, after a tenth as many that are not.</summary>
    public int Calls { get; init; } = 400_000;

    /// <summary>Some of the servers, and how much of it.</summary>
    internal readonly record struct Some(int Count, double Amount)
    {
        public static Some None => default;
    }
}
