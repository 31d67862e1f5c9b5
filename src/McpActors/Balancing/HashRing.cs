using System.Collections.Immutable;
using System.Numerics;

namespace McpActors.Balancing;

/// <summary>
/// Assigns keys to servers by multi-probe consistent hashing. Each server has points on a ring of hashes, in proportion to its weight. A
/// key is hashed to several probes, and belongs to the server whose point follows a probe most closely. The shares are as even as with
/// twenty times as many points and one probe, and a ring of many servers is built quickly. When a server leaves, only its keys move.
/// </summary>
internal sealed class HashRing
{
    private const int PointsPerWeight = 8;

    // Beyond these, weights count relative to each other, in powers of two, so that a server that leaves rarely changes the scale.
    private const int MostPoints = 65_536;
    private const int MostPointsPerServer = 64;

    private const int Probes = 16;

    private readonly ImmutableArray<Candidate> _servers;

    // The points in order around the ring, with their owners. Hashes are spread evenly, so with as many slots as points, a slot holds one
    // point on average: the slots that sort the points also find the point after a probe without a search. A slot begins at its entry in
    // _starts.
    private readonly (ulong Hash, int Owner)[] _points;
    private readonly int[] _starts;
    private readonly int _shift;

    public HashRing(ImmutableArray<Candidate> servers)
    {
        _servers = servers;
        var points = Points(servers);
        _points = new (ulong, int)[points.Length];
        var bits = Math.Max(1, BitOperations.Log2((uint)points.Length));
        _shift = 64 - bits;
        _starts = new int[(1 << bits) + 1];
        Sort(points);
    }

    /// <summary>The number of points of all servers.</summary>
    public int Count => _points.Length;

    /// <summary>The server of a key.</summary>
    public Candidate Find(ulong key)
    {
        var owner = 0;
        var closest = ulong.MaxValue;
        for (var i = 0; i < Probes; i++)
        {
            var probe = StableHash.Derive(key, i);
            var place = _starts[probe >> _shift];
            while (place < _points.Length && _points[place].Hash < probe)
                place++;
            var point = _points[place < _points.Length ? place : 0];
            // Unsigned overflow wraps around like the ring.
            var distance = unchecked(point.Hash - probe);
            if (distance <= closest)
                (owner, closest) = (point.Owner, distance);
        }
        return _servers[owner];
    }

    private static (ulong Hash, int Owner)[] Points(ImmutableArray<Candidate> servers)
    {
        double perWeight = PointsPerWeight;
        var most = Math.Max(MostPoints, (double)MostPointsPerServer * servers.Length);
        for (var weight = servers.Sum(server => server.Weight); weight * perWeight > most;)
            perWeight /= 2;
        var points = new (ulong, int)[servers.Sum(PointsOf)];
        var next = 0;
        for (var owner = 0; owner < servers.Length; owner++)
        {
            var hash = StableHash.Of(servers[owner].Name);
            for (var n = PointsOf(servers[owner]) - 1; n >= 0; n--)
                points[next++] = (StableHash.Derive(hash, n), owner);
        }
        return points;

        int PointsOf(Candidate server) => Math.Max(1, (int)Math.Round(server.Weight * perWeight));
    }

    // A counting sort by slot, and an insertion sort within a slot.
    private void Sort((ulong Hash, int Owner)[] points)
    {
        foreach (var (hash, _) in points)
            _starts[(hash >> _shift) + 1]++;
        for (var slot = 1; slot < _starts.Length; slot++)
            _starts[slot] += _starts[slot - 1];
        var filled = _starts[..^1];
        foreach (var point in points)
        {
            var slot = point.Hash >> _shift;
            var place = filled[slot]++;
            for (; place > _starts[slot] && _points[place - 1].Hash > point.Hash; place--)
                _points[place] = _points[place - 1];
            _points[place] = point;
        }
    }
}
