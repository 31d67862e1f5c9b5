using McpActors.Connections;
using ModelContextProtocol.Protocol;
using Xunit;

namespace McpActors.Tests.Connections;

public sealed class RequestIdsTests
{
    [Fact]
    public void They_fit_31_bits_and_leave_room_for_those_of_the_SDK()
    {
        foreach (var ids in Enumerable.Range(0, 1000).Select(_ => RequestIds.ForNewConnection()))
            Assert.InRange(Number(ids.Take()), RequestIds.First, int.MaxValue);
    }

    [Fact]
    public void After_the_largest_they_begin_again_with_the_first()
    {
        var ids = new RequestIds(int.MaxValue - 1);

        Assert.Equal(
            [int.MaxValue - 1, int.MaxValue, RequestIds.First, RequestIds.First + 1],
            Enumerable.Range(0, 4).Select(_ => Number(ids.Take())));
    }

    [Fact]
    public void An_id_in_use_is_passed_over()
    {
        var ids = new RequestIds(RequestIds.First, last: RequestIds.First + 2);
        RequestId[] taken = [ids.Take(), ids.Take(), ids.Take()];
        ids.GiveBack(taken[0]);
        ids.GiveBack(taken[2]);

        Assert.Equal([RequestIds.First, RequestIds.First + 2], (long[])[Number(ids.Take()), Number(ids.Take())]);
    }

    [Fact]
    public void Connections_start_far_apart()
    {
        var starts = Enumerable.Range(0, 1000).Select(_ => Number(RequestIds.ForNewConnection().Take())).Order().ToList();

        Assert.All(starts.Zip(starts.Skip(1)), pair => Assert.True(pair.Second - pair.First > 1000, $"{pair.First} and {pair.Second}"));
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(RequestIds.First, true)]
    [InlineData(int.MaxValue, true)]
    public void The_ids_of_the_pool_are_distinguished_from_those_of_the_SDK(int id, bool isOwn) =>
        Assert.Equal(isOwn, RequestIds.IsOwn(new RequestId(id)));

    [Fact]
    public void A_text_is_no_id_of_the_pool() => Assert.False(RequestIds.IsOwn(new RequestId("2000000")));

    private static long Number(RequestId id) => (long)id.Id!;
}
