using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace McpActors.Balancing;

/// <summary>
/// The servers of the best priority, each in turn. When more than two in seven of them are out, what the others cannot be expected to carry spills
/// over to the next priority: a level takes 1.4 times the share of its servers that are available, as in Envoy.
/// <para>When to use it: some servers are there for when others fail, in another region or at another price.</para>
/// <para>Weakness: what spills over is decided by how many servers are available, not by how loaded they are. A group that is to be failed over as a
/// whole, to the last server, is called with <see cref="CallMode.Failover"/> instead.</para>
/// <para>Cost: the number of priorities, and that of <c>round-robin</c>.</para>
/// </summary>
internal sealed class PriorityChoice(Random random) : ILoadBalancingStrategy
{
    public const string Name = "priority";

    private const int Overprovisioning = 140;

    private readonly ConditionalWeakTable<CandidateSet, int[]> _loads = [];
    private readonly Dictionary<int, RoundRobin> _turns = [];

    public Candidate Choose(CandidateSet candidates, string? affinityKey)
    {
        var levels = candidates.Levels;
        var level = levels.Length == 1 ? levels[0] : levels[Draw(_loads.GetValue(candidates, set => Loads(set.Levels)))];
        if (!_turns.TryGetValue(level.Priority, out var turn))
            _turns.Add(level.Priority, turn = new RoundRobin());
        return turn.Choose(level.Available, affinityKey);
    }

    /// <summary>
    /// What each level gets, in percent; 100 together. Everything is integer arithmetic and what rounding leaves goes to the first level that is not
    /// down, so that the figures are Envoy's.
    /// </summary>
    internal static int[] Loads(ImmutableArray<PriorityLevel> levels)
    {
        var health = levels.Select(level => Math.Min(100, Overprovisioning * level.Available.Servers.Length / level.MemberCount)).ToArray();
        var total = Math.Min(100, health.Sum());
        var loads = new int[levels.Length];
        var left = 100;
        for (var i = 0; i < loads.Length && total > 0; i++)
        {
            loads[i] = Math.Min(left, health[i] * 100 / total);
            left -= loads[i];
        }
        // So few are available that every level rounds to none: then the best that has any takes all.
        var first = total > 0 ? Array.FindIndex(health, percent => percent > 0) : levels.ToList().FindIndex(level => level.Available.Servers.Length > 0);
        loads[first] += left;
        return loads;
    }

    private int Draw(int[] loads)
    {
        var percent = random.Next(100);
        var level = 0;
        while (percent >= loads[level])
            percent -= loads[level++];
        return level;
    }
}
