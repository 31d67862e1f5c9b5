namespace McpActors.Benchmarks.Queueing;

/// <summary>
/// Response times, from a call's arrival to its answer, in units of the mean service time; calls that failed are left out.
/// </summary>
internal sealed class Summary
{
    private const int Batches = 20;

    // Student's distribution with 19 degrees of freedom: 95 % of the means lie within this number of standard errors.
    private const double Quantile = 2.093;

    private readonly double[] _sorted;

    public Summary(double[] responses, long[] attempts)
    {
        var answered = Array.FindAll(responses, response => !double.IsNaN(response));
        Mean = answered.Average();
        MeanWithin = Within(answered, Mean);
        FailedShare = 1 - ((double)answered.Length / responses.Length);
        Shares = [.. attempts.Select(count => (double)count / attempts.Sum())];
        _sorted = answered;
        Array.Sort(_sorted);
    }

    public double Mean { get; }

    /// <summary>The half width of the 95 % confidence interval of the mean.</summary>
    public double MeanWithin { get; }

    /// <summary>The share of calls whose attempts all failed.</summary>
    public double FailedShare { get; }

    /// <summary>The share of all attempts that each server got.</summary>
    public double[] Shares { get; }

    public double P50 => Percentile(0.5);

    public double P99 => Percentile(0.99);

    public double P999 => Percentile(0.999);

    private double Percentile(double share) => _sorted[(int)Math.Ceiling(share * _sorted.Length) - 1];

    // Consecutive calls correlate, so the error is computed over large batches, which are practically independent.
    private static double Within(double[] responses, double mean)
    {
        var size = responses.Length / Batches;
        var means = Enumerable.Range(0, Batches).Select(batch => responses.AsSpan(batch * size, size).ToArray().Average()).ToArray();
        return Quantile * Math.Sqrt(means.Sum(batch => (batch - mean) * (batch - mean)) / (Batches - 1) / Batches);
    }
}
