using McpActors.Connections;
using Xunit;

namespace McpActors.Tests.Connections;

public sealed class CatalogueScheduleTests
{
    private readonly CatalogueSchedule _schedule = new();

    [Fact]
    public void A_reading_without_a_change_is_not_followed_by_another()
    {
        Assert.True(_schedule.TryBegin());
        Assert.False(_schedule.End());
    }

    [Fact]
    public void Changes_during_a_reading_are_followed_by_one_more_reading()
    {
        Assert.True(_schedule.TryBegin());
        Assert.False(_schedule.TryBegin());
        Assert.False(_schedule.TryBegin());
        Assert.True(_schedule.End());
        Assert.True(_schedule.TryBegin());
        Assert.False(_schedule.End());
    }

    [Fact]
    public void A_new_connection_starts_without_a_reading_under_way()
    {
        _schedule.TryBegin();
        _schedule.TryBegin();
        _schedule.Restart();
        Assert.True(_schedule.TryBegin());
        Assert.False(_schedule.End());
    }
}
