using McpActors.Connections;
using McpActors.Resilience;
using Xunit;

namespace McpActors.Tests.Resilience;

public sealed class CircuitRefusalTests
{
    private static readonly AttemptEnded Ended =
        new(1, AttemptResult.Lost("the connection to s ended", AttemptCause.ConnectionLost));

    [Theory]
    [InlineData(null, "the connection to s ended")]
    [InlineData("disconnected by an operator", "the connection to s was closed: disconnected by an operator")]
    [InlineData("drained by an operator", "the connection to s was closed: drained by an operator")]
    [InlineData("removed or replaced", "the connection to s was closed: removed or replaced")]
    public void A_call_that_ends_with_its_connection_learns_who_closed_that(string? because, string error) =>
        Assert.Equal(error, CircuitRefusal.Worded(Ended, "s", because).Result.Error);

    [Fact]
    public void Other_ends_keep_their_words()
    {
        var ended = Ended with { Result = AttemptResult.Lost("no answer") };

        Assert.Same(ended, CircuitRefusal.Worded(ended, "s", CircuitRefusal.DisconnectedByOperator));
    }
}
