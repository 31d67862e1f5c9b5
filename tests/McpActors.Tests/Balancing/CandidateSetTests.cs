using McpActors.Balancing;
using Xunit;
using static McpActors.Tests.Balancing.Candidates;

namespace McpActors.Tests.Balancing;

public sealed class CandidateSetTests
{
    private readonly Candidate _a = Server("a", 0, priority: 2);
    private readonly Candidate _b = Server("b", 1, priority: 1);
    private readonly Candidate _c = Server("c", 2, priority: 2);
    private readonly Candidate _d = Server("d", 3, priority: 3);

    private readonly CandidateSet _set = Set("a", "b");

    [Fact]
    public void Levels_come_best_first_with_those_available_and_the_number_of_all()
    {
        var levels = new CandidateSet([_a, _b], [_a, _b, _c, _d]).Levels;

        Assert.Equal(
            [(1, "b", 1), (2, "a", 2), (3, "", 1)], levels.Select(level => (level.Priority, Names(level.Available), level.MemberCount)));
    }

    [Fact]
    public void Servers_of_one_priority_are_their_own_level() =>
        Assert.Same(_set, Assert.Single(_set.Levels).Available);

    [Fact]
    public void Levels_are_the_same_objects_each_time()
    {
        var set = new CandidateSet([_a, _b], [_a, _b]);

        Assert.Same(set.Levels[1].Available, set.Levels[1].Available);
    }

    private static string Names(CandidateSet set) => string.Concat(set.Servers.Select(server => server.Name));
}
