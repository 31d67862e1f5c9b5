using McpActors.Routing;
using Xunit;

namespace McpActors.Tests.Routing;

public sealed class AffinityTableTests
{
    private readonly AffinityTable _table = new(capacity: 2);

    [Fact]
    public void A_key_belongs_to_its_group_and_to_the_server_that_served_it_last()
    {
        _table.Remember("g", "k", "a", 1);
        _table.Remember("g", "k", "b", 2);

        Assert.True(_table.TryFind("g", "k", out var server, out var session));
        Assert.Equal(("b", 2L), (server, session));
        Assert.False(_table.TryFind("other", "k", out _, out _));
    }

    [Fact]
    public void The_key_unused_for_longest_is_forgotten_first()
    {
        _table.Remember("g", "1", "a", 1);
        _table.Remember("g", "2", "a", 1);
        _table.TryFind("g", "1", out _, out _);
        _table.Remember("g", "3", "a", 1);

        Assert.Equal([true, false, true], new[] { "1", "2", "3" }.Select(key => _table.TryFind("g", key, out _, out _)));
        Assert.Equal(2, _table.Count);
    }

    [Fact]
    public void A_forgotten_key_is_unknown_and_forgetting_it_twice_is_harmless()
    {
        _table.Remember("g", "1", "a", 1);
        _table.Forget("g", "1", 1);
        _table.Forget("g", "1", 1);

        Assert.False(_table.TryFind("g", "1", out _, out _));
    }
}
