using Akka.Actor;
using McpActors.Balancing;
using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Resilience;
using Xunit;

namespace McpActors.Tests.Balancing;

public sealed class ServerGroupTests
{
    private static readonly ServerReport Connected =
        new(new ConnectionReport { Status = ServerStatus.Connected }, CircuitState.Closed, "", null, Draining: false);

    private static readonly ServerReport Down = Connected with { Connection = new ConnectionReport { Status = ServerStatus.Error } };

    private readonly List<ServerEntry> _servers = [];

    [Fact]
    public void A_further_attempt_goes_to_the_best_priority_not_tried()
    {
        var group = Group(3, priority: i => i);

        Assert.Equal(["s1", "s2", null], Tried(group, 1).Select(tried => Next(group, tried)?.Name));
    }

    [Fact]
    public void Equals_take_turns_for_further_attempts()
    {
        var group = Group(4, priority: i => i == 0 ? 1 : 2);

        Assert.Equal(["s1", "s2", "s3", "s1"], Enumerable.Range(0, 4).Select(_ => Next(group, [_servers[0]])!.Name));
    }

    [Fact]
    public void Failover_mode_keeps_to_the_best_level_that_has_a_server()
    {
        var group = Group(4, priority: i => i / 2);
        _servers[0].Report = Down;

        Assert.All(Enumerable.Range(0, 20), _ => Assert.Equal("s1", group.ChooseBest(group.Candidates(null, true)!, null, null).Name));
    }

    [Fact]
    public void Every_server_of_many_is_as_likely_to_get_a_further_attempt()
    {
        var group = Group(100, strategy: "random");
        var counts = new int[100];
        for (var i = 0; i < 50_000; i++)
            counts[Next(group, [_servers[0]])!.Candidate.Ordinal]++;

        Assert.Equal(0, counts[0]);
        Statistics.AssertShares([.. Enumerable.Repeat(1.0, 99)], counts[1..]);
    }

    [Fact]
    public void The_further_attempts_of_a_key_meet_among_many()
    {
        var group = Group(100, strategy: "consistent-hash");

        Assert.Single(Enumerable.Range(0, 50).Select(_ => Next(group, [_servers[0]], "some key")!.Name).Distinct());
    }

    [Fact]
    public void A_further_attempt_never_goes_to_a_server_that_was_tried()
    {
        var group = Group(20, strategy: "random");
        var tried = _servers.Take(19).ToList();

        Assert.All(Enumerable.Range(0, 200), _ => Assert.Equal("s19", Next(group, tried)!.Name));
    }

    [Fact]
    public void A_slow_server_gets_calls_only_while_no_other_can_take_them()
    {
        var group = Group(3, priority: i => i);
        _servers[0].Report = Connected with { Connection = Connected.Connection with { IsSlow = true } };

        Assert.Equal(["s1", "s2"], group.Candidates(null, safe: false)!.Servers.Select(server => server.Name));
        Assert.Contains("does not answer probes", group.Explain(null, false, DateTimeOffset.UnixEpoch)[0].Reason, StringComparison.Ordinal);

        // A half-open circuit takes no unsafe call from it.
        (_servers[1].Report, _servers[2].Report) = (Down, Connected with { Circuit = CircuitState.HalfOpen });
        group.Changed();
        Assert.Equal(["s0"], group.Candidates(null, safe: false)!.Servers.Select(server => server.Name));

        _servers[2].Report = Down;
        group.Changed();
        Assert.Equal(["s0"], group.Candidates(null, safe: true)!.Servers.Select(server => server.Name));
    }

    [Fact]
    public void A_slow_server_gets_a_further_attempt_when_no_other_is_left()
    {
        var group = Group(3, priority: i => i);
        _servers[0].Report = Connected with { Connection = Connected.Connection with { IsSlow = true } };

        Assert.Equal("s2", Next(group, [_servers[1]])!.Name);
        Assert.Equal("s0", Next(group, [_servers[1], _servers[2]])!.Name);
        Assert.Null(Next(group, _servers));
        Assert.True(group.HasMore(null, true, [_servers[1]], _servers[2]));
        Assert.False(group.HasMore(null, true, [_servers[0], _servers[1]], _servers[2]));
    }

    [Fact]
    public void Those_in_bad_health_stay_members()
    {
        var group = Group(3);
        _servers[1].Report = Down;
        var candidates = group.Candidates(null, safe: true)!;

        Assert.Equal((2, 3), (candidates.Servers.Length, candidates.Members.Length));
    }

    [Fact]
    public void Methods_and_tools_that_the_same_servers_have_share_one_set()
    {
        var group = Group(3);

        Assert.Same(group.Candidates(null, safe: true), group.Candidates(new Offer("tools/call", "some tool"), safe: true));
    }

    private ServerGroup Group(int servers, Func<int, int>? priority = null, string strategy = "round-robin")
    {
        var group = new ServerGroup(
            "default", Strategies.BuiltIn, new StrategyContext(new Random(1), TimeProvider.System, TimeSpan.FromSeconds(30)))
        {
            StrategyName = strategy,
        };
        for (var i = 0; i < servers; i++)
        {
            var settings = new ServerSettings { Name = $"s{i}", Uri = new Uri($"memory://s{i}"), Priority = priority?.Invoke(i) ?? 1 };
            _servers.Add(new ServerEntry(settings, ActorRefs.Nobody, i) { Report = Connected });
            group.Add(_servers[i]);
        }
        return group;
    }

    private IEnumerable<List<ServerEntry>> Tried(ServerGroup group, int first) =>
        Enumerable.Range(first, group.Members.Count - first + 1).Select(count => _servers.Take(count).ToList());

    private static ServerEntry? Next(ServerGroup group, IReadOnlyList<ServerEntry> tried, string? key = null) =>
        group.ChooseNext(null, safe: true, onlyKnownToHaveIt: false, tried, null, key);
}
