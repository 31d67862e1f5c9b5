using McpActors.Calls;
using Xunit;

namespace McpActors.Tests.Calls;

public sealed class DeadlineQueueTests
{
    private sealed class Item
    {
        public DateTimeOffset? Due { get; set; }
    }

    private readonly DateTimeOffset _start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly DeadlineQueue<Item> _queue = new(item => item.Due);

    [Fact]
    public void Returns_due_entries_in_order_and_none_before_its_time()
    {
        var (late, soon) = (Add(2), Add(1));
        Assert.False(_queue.TryTake(At(0.9), out _));
        Assert.True(_queue.TryTake(At(3), out var first));
        Assert.True(_queue.TryTake(At(3), out var second));
        Assert.Equal([soon, late], [first, second]);
        Assert.False(_queue.TryTake(At(3), out _));
    }

    [Fact]
    public void Skips_entries_that_are_finished_or_due_at_another_time()
    {
        Add(1).Due = null;
        var moved = Add(1);
        moved.Due = At(5);
        _queue.Add(moved, At(5));
        Assert.False(_queue.TryTake(At(2), out _));
        Assert.True(_queue.TryTake(At(5), out var item));
        Assert.Same(moved, item);
    }

    [Fact]
    public void Does_not_grow_with_finished_entries()
    {
        for (var i = 0; i < 100_000; i++)
            Add(30).Due = null;
        Assert.InRange(_queue.Count, 0, 2048);
    }

    private Item Add(double seconds)
    {
        var item = new Item { Due = At(seconds) };
        _queue.Add(item, At(seconds));
        return item;
    }

    private DateTimeOffset At(double seconds) => _start + TimeSpan.FromSeconds(seconds);
}
