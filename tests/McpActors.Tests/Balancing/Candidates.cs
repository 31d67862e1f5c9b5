using System.Collections.Immutable;
using Akka.Actor;
using McpActors.Balancing;
using McpActors.Configuration;
using Microsoft.Extensions.Time.Testing;

namespace McpActors.Tests.Balancing;

/// <summary>Servers to choose from, and the counts of many choices among them.</summary>
internal static class Candidates
{
    public static StrategyContext Context(TimeProvider? clock = null) =>
        new(new Random(1), clock ?? new FakeTimeProvider(), TimeSpan.FromSeconds(30));

    public static Candidate Server(string name, int ordinal, int priority = 1, double weight = 1)
    {
        var settings = new ServerSettings { Name = name, Priority = priority };
        var server = new ServerEntry(settings, ActorRefs.Nobody, ordinal).Candidate;
        server.Weight = weight;
        return server;
    }

    /// <summary>Servers s0, s1, … of these weights.</summary>
    public static ImmutableArray<Candidate> Weighted(params double[] weights) =>
        [.. weights.Select((weight, i) => Server($"s{i}", i, weight: weight))];

    /// <summary>Servers s0, s1, … of weight 1.</summary>
    public static ImmutableArray<Candidate> Equal(int count) => Weighted([.. Enumerable.Repeat(1.0, count)]);

    public static CandidateSet Set(params ImmutableArray<Candidate> servers) => new(servers, servers);

    public static CandidateSet Set(params string[] names) => Set([.. names.Select((name, i) => Server(name, i))]);

    public static string Choose(this ILoadBalancingStrategy strategy, CandidateSet set, int times, string? key = null) =>
        string.Concat(Enumerable.Range(0, times).Select(_ => strategy.Choose(set, key).Name));

    /// <summary>How often each server was chosen, by its ordinal.</summary>
    public static int[] Counts(this ILoadBalancingStrategy strategy, CandidateSet set, int times)
    {
        var counts = new int[set.Servers.Max(server => server.Ordinal) + 1];
        for (var i = 0; i < times; i++)
            counts[strategy.Choose(set, null).Ordinal]++;
        return counts;
    }
}
