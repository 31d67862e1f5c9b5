using Akka.TestKit.Xunit2;
using McpActors.Pool;
using Xunit;

namespace McpActors.Tests.Pool;

/// <summary>The numbers of the changes that a pool shares.</summary>
public sealed class SharedChangesTests : TestKit
{
    private readonly SharedChanges _changes = new();

    public SharedChangesTests() => _changes.Target = TestActor;

    [Fact]
    public void A_change_of_another_node_that_crossed_a_newer_one_of_the_same_entry_is_outdated()
    {
        _changes.Share(new ServerTakenOut("a"));

        Assert.True(_changes.IsOutdated(new ServerTakenOut("a") { Number = 0 }));
        Assert.False(_changes.IsOutdated(new ServerTakenOut("a") { Number = 1 }));
        Assert.False(_changes.IsOutdated(new ServerTakenOut("b") { Number = 0 }));
    }

    [Fact]
    public void Changes_are_forgotten_once_they_have_been_received()
    {
        for (var i = 0; i < 1000; i++)
            _changes.Share(new ServerTakenOut($"s{i % 500}"));
        Assert.Equal(500, _changes.Unreceived);

        _changes.Forget(new ChangesReceived(999));
        Assert.Equal(1, _changes.Unreceived);
        _changes.Forget(new ChangesReceived(1000));
        Assert.Equal(0, _changes.Unreceived);
    }

    [Fact]
    public void A_pool_alone_remembers_none()
    {
        var alone = new SharedChanges();

        alone.Share(new ServerTakenOut("a"));

        Assert.Equal((1, 0), (alone.Last, alone.Unreceived));
    }
}
