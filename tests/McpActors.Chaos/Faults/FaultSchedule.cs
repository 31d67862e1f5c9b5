namespace McpActors.Chaos.Faults;

/// <summary>The schedule of faults, a function of the seed alone. At least one server has no fault at any time.</summary>
internal static class FaultSchedule
{
    /// <summary>The longest duration of a fault, longer than the time limit of a call.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    /// <summary>The time to recover between two faults of a server.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);

    public static IReadOnlyList<Fault> Make(int seed, int servers, TimeSpan from, TimeSpan until)
    {
        var random = new Random(seed);
        var faults = new List<Fault>();
        var bag = new Queue<FaultKind>();
        for (var at = from; at < until; at += Milliseconds(random, 50, 600))
        {
            // Usually a few servers at a time, sometimes all but one.
            var most = random.Next(6) == 0 ? servers - 1 : random.Next(1, 4);
            var harmed = faults.Where(fault => fault.At + fault.Lasts + Rest > at).Select(fault => fault.Server).ToHashSet();
            if (harmed.Count >= Math.Min(most, servers - 1))
                continue;
            // Every kind occurs once before any occurs again.
            if (bag.Count == 0)
            {
                bag = new Queue<FaultKind>(
                    Shuffled(Enum.GetValues<FaultKind>().Where(kind => kind is not (FaultKind.Outage or FaultKind.Edit)), random));
            }

            var free = Enumerable.Range(0, servers).Where(server => !harmed.Contains(server)).ToArray();
            faults.Add(new Fault(
                bag.Dequeue(),
                free[random.Next(free.Length)],
                at,
                Milliseconds(random, 300, (int)Longest.TotalMilliseconds),
                Milliseconds(random, 20, 600)));
        }
        return faults;
    }

    private static FaultKind[] Shuffled(IEnumerable<FaultKind> kinds, Random random)
    {
        var all = kinds.ToArray();
        random.Shuffle(all);
        return all;
    }

    private static TimeSpan Milliseconds(Random random, int least, int most) => TimeSpan.FromMilliseconds(random.Next(least, most));
}
