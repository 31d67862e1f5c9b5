using Akka.Actor;
using McpActors.Tests.Transports;
using Xunit;

namespace McpActors.Tests.Failures;

/// <summary>A server that accepts a call and never answers: the end of the call, and its cancellation at the server.</summary>
public sealed class SilenceTests
{
    // Each server gets half of it, which is enough for one that answers.
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(4);

    [Theory]
    [InlineData(null, "bad:Lost => OutcomeUnknown")]
    [InlineData(true, "bad:Lost good:Succeeded => good")]
    public async Task A_call_without_an_answer_ends_at_its_deadline_and_is_cancelled_at_an_older_server_by_its_id(bool? safe, string story)
    {
        await using var server = await ScriptedHttpServer.StartAsync(sessions: true);
        server.Call = Scripts.Never;
        await using var pool = await BadAndGood.StartAsync(server.Settings);

        var answer = await pool.CallAsync(safe: safe, timeout: Short);

        Assert.Equal(story, answer.Story);
        await AssertCancelledAsync(server);
    }

    [Fact]
    public async Task A_safe_call_that_no_server_answers_exceeds_its_deadline()
    {
        await using var server = await ScriptedHttpServer.StartAsync();
        server.Call = Scripts.Never;
        await using var pool = await BadAndGood.StartAsync(server.Settings, alone: true);

        Assert.Equal("bad:Lost => DeadlineExceeded", (await pool.CallAsync(safe: true, timeout: Short)).Story);
        await AssertCancelledAsync(server);
    }

    [Fact]
    public async Task A_cancellation_by_the_caller_reaches_an_older_server_with_the_id_of_that_call_only()
    {
        await using var server = await ScriptedHttpServer.StartAsync();
        server.Call = Scripts.Never;
        await using var pool = await BadAndGood.StartAsync(server.Settings);
        var kept = pool.CallAsync(callId: "kept");
        await Eventually.TrueAsync(() => server.Calls == 1, "the first call arrives");
        var call = pool.CallAsync(callId: "mine");
        await Eventually.TrueAsync(() => server.Calls == 2, "the second call arrives");

        await CancelAsync(pool, "mine");

        Assert.Equal("bad:Cancelled => Cancelled", (await call).Story);
        await Eventually.TrueAsync(() => !server.CancelledIds.IsEmpty, "the cancel arrives");
        Assert.Equal([server.CallIds.Last()], server.CancelledIds);
        Assert.Equal(1, (await pool.BadAsync()).InFlight);
        await CancelAsync(pool, "kept");
        await kept;
    }

    [Theory]
    [MemberData(nameof(NetworkEndpoint.Kinds), MemberType = typeof(NetworkEndpoint))]
    public async Task The_server_stops_working_on_a_call_that_was_given_up(string kind)
    {
        await using var endpoint = await NetworkEndpoint.StartAsync(kind);
        await using var pool = await BadAndGood.StartAsync(endpoint.Settings);

        Assert.Equal("bad:Lost => OutcomeUnknown", (await pool.CallAsync("wait", timeout: Short)).Story);

        await Eventually.TrueAsync(() => endpoint.Server.Cancelled == 1, "the tool is cancelled");
        await pool.IdleAsync();
    }

    private static Task<CommandAccepted> CancelAsync(BadAndGood pool, string callId) =>
        pool.Host.Actor.Ask<CommandAccepted>(new CancelCall(callId), PoolHost.Patience);

    private static async Task AssertCancelledAsync(ScriptedHttpServer server)
    {
        await Eventually.TrueAsync(() => !server.CancelledIds.IsEmpty, "the cancel arrives");
        Assert.Equal(server.CallIds, server.CancelledIds);
    }
}
