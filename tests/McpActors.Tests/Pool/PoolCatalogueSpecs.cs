using Akka.Actor;
using Akka.TestKit;
using McpActors.Connections;
using McpActors.Pool;
using McpActors.Tests.Balancing;
using Xunit;

namespace McpActors.Tests.Pool;

/// <summary>Queries about the merged catalogue, which is made outside of the actor.</summary>
public sealed class PoolCatalogueSpecs : VirtualTimeSpec
{
    private readonly TestProbe _actor;
    private readonly TestProbe _first;
    private readonly TestProbe _second;
    private readonly PoolCatalogue _catalogue;
    private string _tool = "before";
    private int _readings;

    public PoolCatalogueSpecs()
    {
        (_actor, _first, _second) = (CreateTestProbe("actor"), CreateTestProbe("first"), CreateTestProbe("second"));
        _catalogue = new PoolCatalogue(_actor, () =>
        {
            _readings++;
            return [Source(Catalogues.WithTool(_tool))];
        });
    }

    [Fact]
    public async Task Queries_while_it_is_made_are_answered_together_and_later_ones_at_once()
    {
        Ask(_first);
        Ask(_second);
        _catalogue.OnMerged(await _actor.ExpectMsgAsync<PoolCatalogue.Merged>());
        Assert.Equal("before", await ToolAsync(_first));
        Assert.Equal("before", await ToolAsync(_second));

        Ask(_first);
        Assert.Equal("before", await ToolAsync(_first));
        Assert.Equal(1, _readings);
    }

    [Fact]
    public async Task After_a_change_it_is_made_again_when_somebody_asks()
    {
        Ask(_first);
        _catalogue.OnMerged(await _actor.ExpectMsgAsync<PoolCatalogue.Merged>());
        await ToolAsync(_first);

        Change("after");
        Assert.Equal(1, _readings);
        Ask(_first);
        _catalogue.OnMerged(await _actor.ExpectMsgAsync<PoolCatalogue.Merged>());

        Assert.Equal("after", await ToolAsync(_first));
    }

    [Fact]
    public async Task A_query_after_a_change_never_gets_what_was_read_before_it()
    {
        Ask(_first);
        var merged = await _actor.ExpectMsgAsync<PoolCatalogue.Merged>();
        Change("after");
        Ask(_second);
        _catalogue.OnMerged(merged);
        Assert.Equal("before", await ToolAsync(_first));
        Assert.False(_second.HasMessages);

        _catalogue.OnMerged(await _actor.ExpectMsgAsync<PoolCatalogue.Merged>());

        Assert.Equal("after", await ToolAsync(_second));
        Ask(_first);
        Assert.Equal("after", await ToolAsync(_first));
        Assert.Equal(2, _readings);
    }

    [Fact]
    public async Task A_catalogue_that_an_earlier_life_of_the_actor_asked_for_is_ignored()
    {
        var earlier = new PoolCatalogue(_actor, () => [Source(Catalogues.WithTool("earlier"))]);
        earlier.Answer(_second, catalogue => catalogue.Tools);
        var stale = await _actor.ExpectMsgAsync<PoolCatalogue.Merged>();

        Ask(_first);
        _catalogue.OnMerged(stale);
        _catalogue.OnMerged(await _actor.ExpectMsgAsync<PoolCatalogue.Merged>());

        Assert.Equal("before", await ToolAsync(_first));
    }

    [Fact]
    public async Task A_catalogue_that_cannot_be_made_is_reported_and_made_again_for_the_next_query()
    {
        var problem = new InvalidOperationException("broken");
        Ask(_first);
        var merged = await _actor.ExpectMsgAsync<PoolCatalogue.Merged>();
        _catalogue.OnMerged(merged with { Catalogue = null, Problem = problem });
        Assert.Same(problem, (await _first.ExpectMsgAsync<Status.Failure>()).Cause);

        Ask(_first);
        _catalogue.OnMerged(await _actor.ExpectMsgAsync<PoolCatalogue.Merged>());

        Assert.Equal("before", await ToolAsync(_first));
    }

    private static CatalogueSource Source(ServerCatalogue catalogue) => new("a", "group", catalogue, IsPending: false);

    private void Ask(TestProbe asker) => _catalogue.Answer(asker, catalogue => catalogue.Tools);

    private void Change(string tool)
    {
        _tool = tool;
        _catalogue.Changed();
    }

    private static async Task<string> ToolAsync(TestProbe asker) => Assert.Single((await asker.ExpectMsgAsync<ToolList>()).Tools).Name;
}
