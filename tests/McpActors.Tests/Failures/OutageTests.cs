using McpActors.Configuration;
using Xunit;

namespace McpActors.Tests.Failures;

/// <summary>
/// One of two servers is down for a minute, on real sockets and under load; all durations are a twentieth of their defaults.
/// </summary>
public sealed class OutageTests
{
    private const int Callers = 4;

    /// <summary>
    /// The calls that open the circuit, one trial call each time it is half open (three times, four if the last calls are slow), and the
    /// calls of the other callers that are in flight at that moment.
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
    public async Task A_server_that_is_down_receives_few_calls_and_no_safe_call_fails(string kind)
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
