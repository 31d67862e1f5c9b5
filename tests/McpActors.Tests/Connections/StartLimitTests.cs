using McpActors.Connections;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace McpActors.Tests.Connections;

public sealed class StartLimitTests
{
    private readonly FakeTimeProvider _time = new();

    [Theory]
    [InlineData(null, 299, false)]
    [InlineData(null, 300, true)]
    [InlineData(0, 20, true)]
    [InlineData(290, 309, false)]
    [InlineData(290, 310, true)]
    public void The_time_of_the_start_ends_with_the_first_message(int? heardAt, int seconds, bool isOver)
    {
        using var limit = new StartLimit(TimeSpan.FromMinutes(5), TimeSpan.FromSeconds(20), _time);

        _time.Advance(TimeSpan.FromSeconds(heardAt ?? 0));
        if (heardAt is not null)
            limit.BeginHandshake();
        _time.Advance(TimeSpan.FromSeconds(seconds - (heardAt ?? 0)));

        Assert.Equal(isOver, limit.Token.IsCancellationRequested);
    }
}
