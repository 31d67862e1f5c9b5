namespace McpActors.Benchmarks.Queueing;

/// <summary>
/// The mean response time by queueing theory, in units of the mean service time: Poisson arrivals, exponential service, one call
/// at a time, in order of arrival.
/// </summary>
internal static class ClosedForms
{
    /// <summary>Each call to a random server: M/M/1.</summary>
    public static double Random(double load) => 1 / (1 - load);

    /// <summary>Each server in turn: E_n/M/1, every server sees each n-th arrival.</summary>
    public static double RoundRobin(double load, int servers)
    {
        // The probability to find the server busy is the root below 1, found by iteration from below.
        double busy = 0;
        for (var i = 0; i < 10_000; i++)
            busy = Math.Pow(servers * load / ((servers * load) + 1 - busy), servers);
        return 1 / (1 - busy);
    }

    /// <summary>The better of two drawn at random, in the limit of many servers.</summary>
    public static double PowerOfTwo(double load)
    {
        double sum = 0;
        for (double i = 1; i <= 60; i++)
            sum += Math.Pow(load, Math.Pow(2, i) - 2);
        return sum;
    }

    /// <summary>One queue for all servers, M/M/n: the bound for every strategy that chooses a queue at once.</summary>
    public static double OneQueue(double load, int servers)
    {
        // Erlang's B by its recursion, then C: the probability that all are busy.
        double blocked = 1;
        for (var n = 1; n <= servers; n++)
            blocked = servers * load * blocked / (n + (servers * load * blocked));
        var waits = blocked / (1 - (load * (1 - blocked)));
        return 1 + (waits / (servers * (1 - load)));
    }
}
