using McpActors.Configuration;
using Xunit;

namespace McpActors.Tests.Failures;

/// <summary>One of two servers is gone for a minute, on real sockets and under load; every time of the pool is a twentieth of its default.</summary>
public sealed class OutageTests
{
    private const int Callers = 4;

    /// <summary>
    /// To open the circuit; one trial call each time it is half open, which is three times, and once more where the last calls take their time; and what the other
    /// callers have on its way at that moment.
    /// </summary>
    private const int MostAttempts = 5 + 4 + (Callers - 1);

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1) / 20;

    private static PoolSettings Quick { get; } = new()
    {
        Circuit = new CircuitSettings { OpenFor = TimeSpan.FromSeconds(5) / 20, MaxOpenFor = TimeSpan.FromSeconds(60) / 20 },
        Reconnect = new ReconnectSettings { MinBackoff = TimeSpan.FromSeconds(1) / 20, MaxBackoff = TimeSpan.FromSeconds(60) / 20 },
        Probe = new ProbeSettings { Interval = TimeSpan.FromSeconds(30) / 20 },
    };

    [Theory]
    [MemberData(nameof(NetworkEndpoint.Kinds), MemberType = typeof(NetworkEndpoint))]
    public async Task A_server_that_is_gone_is_asked_a_few_times_and_no_safe_call_fails(string kind)
    {
        await using var endpoint = await NetworkEndpoint.StartAsync(kind);
        await using var pool = await BadAndGood.StartAsync(endpoint.Settings, Quick);
        await endpoint.KillAsync();

        var start = TimeProvider.System.GetTimestamp();
        var answers = await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Task.Run(LoadAsync)));

        Assert.All(answers.SelectMany(all => all), answer => Assert.Equal("good", answer.CallCompleted?.Server));
        var reached = answers.SelectMany(all => all).SelectMany(answer => answer.Attempts).Count(attempt => attempt.Server == "bad");
        Assert.InRange(reached, 0, MostAttempts);

        async Task<List<Answer>> LoadAsync()
        {
            var all = new List<Answer>();
            while (TimeProvider.System.GetElapsedTime(start) < Minute)
                all.Add(await pool.CallAsync("echo", safe: true));
            return all;
        }
    }
}
