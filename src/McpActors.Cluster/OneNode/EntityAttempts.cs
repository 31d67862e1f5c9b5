using Akka.Actor;

namespace McpActors.Clustering.OneNode;

/// <summary>The attempt of a member, by the number that it has on the member's node.</summary>
internal readonly record struct AttemptOrigin(IActorRef Member, long Id);

/// <summary>
/// The attempts that run on the connection of an entity. Each node numbers its own, so each gets a number of the entity. Not thread-safe.
/// </summary>
internal sealed class EntityAttempts
{
    private readonly Dictionary<long, AttemptOrigin> _origins = [];
    private readonly Dictionary<AttemptOrigin, long> _numbers = [];
    private long _last;

    public int Count => _origins.Count;

    /// <summary>The numbers of all, as they are now.</summary>
    public IReadOnlyList<long> Ids => [.. _origins.Keys];

    public IEnumerable<AttemptOrigin> Origins => _origins.Values;

    /// <summary>Adds an attempt; returns its number here.</summary>
    public long Add(AttemptOrigin origin)
    {
        _origins.Add(++_last, origin);
        _numbers[origin] = _last;
        return _last;
    }

    /// <summary>The number of an attempt here; null: it has ended.</summary>
    public long? Find(AttemptOrigin origin) => _numbers.TryGetValue(origin, out var id) ? id : null;

    /// <summary>The origin of a number; null: the attempt has ended.</summary>
    public AttemptOrigin? OriginOf(long id) => _origins.TryGetValue(id, out var origin) ? origin : null;

    /// <summary>Removes an attempt; null: it has ended before.</summary>
    public AttemptOrigin? Take(long id)
    {
        if (!_origins.Remove(id, out var origin))
            return null;
        _numbers.Remove(origin);
        return origin;
    }

    /// <summary>Removes the attempts whose origin fits; returns their numbers.</summary>
    public IReadOnlyList<long> TakeAll(Predicate<AttemptOrigin> which)
    {
        long[] ids = [.. _origins.Where(attempt => which(attempt.Value)).Select(attempt => attempt.Key)];
        foreach (var id in ids)
            Take(id);
        return ids;
    }
}
