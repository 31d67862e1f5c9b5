using System.Collections.Immutable;

namespace McpActors.Balancing.Rotations;

/// <summary>The order in which the servers of one set take turns.</summary>
internal abstract class Rotation(Rotation? before)
{
    /// <summary>The ordinal of the server chosen last.</summary>
    protected int Last { get; private set; } = before?.Last ?? -1;

    /// <summary>The rotation of a set; it continues where the previous one stopped.</summary>
    /// <param name="whole">The servers.</param>
    /// <param name="before">The rotation used last, of another set; null for none.</param>
    public static Rotation Of(CandidateSet whole, Rotation? before) =>
        whole.EqualWeights ? new OrderedRotation(before)
        : whole.Servers.Length <= CandidateSet.LargestScan ? new SmoothRotation(whole, before)
        : new EarliestDueRotation(whole, before);

    /// <summary>The next server.</summary>
    /// <param name="candidates">The set itself, or a subset for a single choice.</param>
    public Candidate Next(CandidateSet candidates)
    {
        var next = Pick(candidates);
        Last = next.Ordinal;
        return next;
    }

    protected abstract Candidate Pick(CandidateSet candidates);

    /// <summary>The index of the first server after the last choice, in configured order and cyclic.</summary>
    protected int AfterLast(ImmutableArray<Candidate> servers)
    {
        var (low, high) = (0, servers.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (servers[middle].Ordinal <= Last)
                low = middle + 1;
            else
                high = middle;
        }
        return low == servers.Length ? 0 : low;
    }
}

/// <summary>The rotation of servers of equal weight: configured order.</summary>
internal sealed class OrderedRotation(Rotation? before) : Rotation(before)
{
    protected override Candidate Pick(CandidateSet candidates) => candidates.Servers[AfterLast(candidates.Servers)];
}
