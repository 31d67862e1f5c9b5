using CsCheck;
using McpActors.Resilience;
using Xunit;

namespace McpActors.Tests.Resilience;

public sealed class BulkheadTests
{
    [Fact]
    public void Items_run_then_wait_and_then_are_refused()
    {
        var bulkhead = new Bulkhead<int>(2, 1);
        Assert.Equal(
            [Bulkhead<int>.Entry.Admitted, Bulkhead<int>.Entry.Admitted, Bulkhead<int>.Entry.Queued, Bulkhead<int>.Entry.Full],
            Enumerable.Range(1, 4).Select(bulkhead.Enter));
        Assert.False(bulkhead.TryNext(out _));
        bulkhead.Leave();
        Assert.True(bulkhead.TryNext(out var next));
        Assert.Equal(3, next);
    }

    [Fact]
    public void A_waiting_item_can_be_removed()
    {
        var bulkhead = new Bulkhead<int>(1, 3);
        foreach (var i in Enumerable.Range(1, 4))
            bulkhead.Enter(i);
        Assert.True(bulkhead.TryRemoveQueued(item => item == 3, out _));
        Assert.False(bulkhead.TryRemoveQueued(item => item == 1, out _));
        Assert.Equal([2, 4], bulkhead.TakeQueued());
    }

    /// <summary>Against the simplest model: a list of running and a list of waiting items.</summary>
    [Fact]
    public void Behaves_as_two_lists_under_any_interleaving() =>
        Property.Holds(Gen.Select(Gen.Int[1, 3], Gen.Int[0, 3], Gen.Select(Gen.Int[0, 9], Gen.Int[0, 3]).Array[0, 80]), sample =>
        {
            var (running, waiting, steps) = sample;
            var bulkhead = new Bulkhead<int>(running, waiting);
            var (runs, waits) = (new List<int>(), new List<int>());
            for (var i = 0; i < steps.Length; i++)
            {
                var (step, which) = steps[i];
                switch (step)
                {
                    case < 5:
                        var expected = runs.Count < running ? Bulkhead<int>.Entry.Admitted
                            : waits.Count < waiting ? Bulkhead<int>.Entry.Queued
                            : Bulkhead<int>.Entry.Full;
                        Assert.Equal(expected, bulkhead.Enter(i));
                        if (expected == Bulkhead<int>.Entry.Admitted)
                            runs.Add(i);
                        else if (expected == Bulkhead<int>.Entry.Queued)
                            waits.Add(i);
                        break;
                    case < 7 when runs.Count > 0:
                        bulkhead.Leave();
                        runs.RemoveAt(which % runs.Count);
                        break;
                    case 7:
                        var hasNext = waits.Count > 0 && runs.Count < running;
                        Assert.Equal(hasNext, bulkhead.TryNext(out var next));
                        if (hasNext)
                        {
                            Assert.Equal(waits[0], next);
                            runs.Add(next);
                            waits.RemoveAt(0);
                        }
                        break;
                    case 8:
                        // Removes a waiting item, or one that does not wait, which changes nothing.
                        var leaving = waits.Count > which ? waits[which] : -1;
                        Assert.Equal(waits.Remove(leaving), bulkhead.TryRemoveQueued(item => item == leaving, out _));
                        break;
                    case 9 when which == 0:
                        Assert.Equal(waits, bulkhead.TakeQueued());
                        waits.Clear();
                        break;
                }
                Assert.Equal((runs.Count, waits.Count), (bulkhead.InFlight, bulkhead.Queued));
            }
        });
}
