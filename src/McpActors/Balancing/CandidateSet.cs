using System.Collections.Immutable;

namespace McpActors.Balancing;

/// <summary>
/// The servers that can take an attempt. Immutable, and the same object as long as nothing about the servers changes, so a strategy may
/// cache results by reference to a set. Not thread-safe: derived values are computed on first use.
/// </summary>
public sealed class CandidateSet
{
    /// <summary>A choice may examine every server up to this number of servers.</summary>
    internal const int LargestScan = 16;

    private ImmutableArray<PriorityLevel> _levels;
    private WeightedSampler? _sampler;

    internal CandidateSet(ImmutableArray<Candidate> servers, ImmutableArray<Candidate> members)
    {
        Servers = servers;
        Members = members;
        EqualWeights = servers.All(server => server.Weight == servers[0].Weight);
    }

    /// <summary>The servers, in configured order.</summary>
    public ImmutableArray<Candidate> Servers { get; }

    /// <summary>
    /// All servers that could take the attempt if they were healthy, in configured order; they include <see cref="Servers"/>.
    /// </summary>
    public ImmutableArray<Candidate> Members { get; }

    /// <summary>Whether all of <see cref="Servers"/> have the same weight.</summary>
    public bool EqualWeights { get; }

    /// <summary>The members by priority, the best level first. A level may have no available server.</summary>
    public ImmutableArray<PriorityLevel> Levels => _levels.IsDefault ? _levels = FindLevels() : _levels;

    /// <summary>Draws among <see cref="Servers"/>, which must hold at least one, or two for two draws.</summary>
    internal WeightedSampler WeightedSampler => _sampler ??= new WeightedSampler(this);

    /// <summary>Compares sets by their servers, members and fallbacks; valid as long as no weight changes.</summary>
    internal static IEqualityComparer<CandidateSet> SameServers { get; } = EqualityComparer<CandidateSet>.Create(
        (left, right) => left!.Servers.SequenceEqual(right!.Servers)
            && left.Members.SequenceEqual(right.Members)
            && (left.Fallback?.Servers ?? []).SequenceEqual(right.Fallback?.Servers ?? []),
        set => HashCode.Combine(set.Members.Length, set.Servers.Length, set.Servers[0].Ordinal, set.Servers[^1].Ordinal));

    /// <summary>
    /// The set that this one was taken from for a single choice; null for a lasting set. Strategies keep their state by the whole set.
    /// </summary>
    internal CandidateSet? Whole { get; private init; }

    /// <summary>The slow servers, which take an attempt when all of <see cref="Servers"/> were tried; null for none.</summary>
    internal CandidateSet? Fallback { get; init; }

    /// <summary>A subset for a single choice: the servers that a call has not tried yet.</summary>
    /// <param name="some">At least one of <see cref="Servers"/>, in configured order.</param>
    internal CandidateSet Only(ImmutableArray<Candidate> some) => new(some, some) { Whole = Whole ?? this };

    /// <summary>The index of a server in <see cref="Servers"/>; negative when it is not among them.</summary>
    internal int IndexOf(Candidate server)
    {
        var (low, high) = (0, Servers.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (Servers[middle].Ordinal == server.Ordinal)
                return ReferenceEquals(Servers[middle], server) ? middle : -1;
            if (Servers[middle].Ordinal < server.Ordinal)
                low = middle + 1;
            else
                high = middle - 1;
        }
        return -1;
    }

    private ImmutableArray<PriorityLevel> FindLevels()
    {
        var priority = Members[0].Priority;
        if (Members.All(member => member.Priority == priority))
            return [new PriorityLevel(priority, this)];
        var available = Servers.ToLookup(server => server.Priority);
        return
        [
            .. Members
                .GroupBy(member => member.Priority)
                .OrderBy(level => level.Key)
                .Select(level => new PriorityLevel(level.Key, new CandidateSet([.. available[level.Key]], [.. level]))),
        ];
    }
}

/// <summary>The servers of one priority.</summary>
public sealed class PriorityLevel
{
    internal PriorityLevel(int priority, CandidateSet available)
    {
        Priority = priority;
        Available = available;
    }

    /// <summary>Their priority; the lowest number is the best.</summary>
    public int Priority { get; }

    /// <summary>The servers of this priority that can take the attempt; may be empty.</summary>
    public CandidateSet Available { get; }

    /// <summary>The number of servers of this priority, available or not.</summary>
    public int MemberCount => Available.Members.Length;
}
