using System.Diagnostics;
using Akka.Actor;
using McpActors.Clustering.OneNode;
using McpActors.Connections;
using McpActors.Resilience;
using Xunit;

namespace McpActors.Tests.Clustering.OneNode;

/// <summary>The attempts of an entity, and the circuit that runs them.</summary>
public sealed class ServerEntityAttemptsSpecs : ServerEntitySpec
{
    [Fact]
    public async Task Attempts_of_two_members_with_the_same_number_and_their_cancels_are_kept_apart()
    {
        await JoinAsync(_one);
        await JoinAsync(_other);
        await StartHangingAsync(_one, 7);
        await StartHangingAsync(_other, 7);

        _entity.Tell(new CancelAttempt(7, CancelReason.Caller), _one);
        Assert.Equal(AttemptOutcome.Cancelled, (await EndedAsync(_one, 7)).Outcome);
        _entity.Tell(new CancelAttempt(7, CancelReason.Caller), _one);
        _entity.Tell(Attempt(8, "ok"), _other);

        Assert.Equal(AttemptOutcome.Succeeded, (await EndedAsync(_other, 8)).Outcome);
        Assert.Equal(1, (await LoadAsync()).Running);
    }

    [Fact]
    public async Task Progress_goes_to_the_member_of_the_attempt()
    {
        await JoinAsync(_one);
        await JoinAsync(_other);
        await StartHangingAsync(_one, 7, attempt => attempt with { WantsProgress = true, WatchProgress = true });
        await StartHangingAsync(_other, 7);

        // As the circuit passes it on: the first attempt of this entity has its number 1.
        _entity.Tell(new AttemptProgressed(1), await CircuitAsync());

        Assert.Equal(7, (await _one.FishForMessageAsync<AttemptProgressed>(_ => true, PoolHost.Patience)).AttemptId);
        await HandledAsync(_entity);
        Assert.False(_other.HasMessages);
    }

    [Fact]
    public async Task An_attempt_of_a_session_runs_in_no_other_session()
    {
        await JoinAsync(_one);

        _entity.Tell(Attempt(7, "ok") with { OnSession = 99 }, _one);

        Assert.Equal(
            (AttemptOutcome.Refused, AttemptCause.SessionLost),
            (await EndedAsync(_one, 7)) is var result ? (result.Outcome, result.Cause) : default);
    }

    [Fact]
    public async Task A_forced_attempt_goes_through_an_open_circuit()
    {
        await JoinAsync(_one);
        for (var id = 1; id <= Settings.Circuit.ConsecutiveFailures; id++)
        {
            _entity.Tell(Attempt(id, "fail"), _one);
            await EndedAsync(_one, id);
        }
        _entity.Tell(Attempt(7, "ok"), _one);
        Assert.Equal(AttemptCause.CircuitOpen, (await EndedAsync(_one, 7)).Cause);

        _entity.Tell(Attempt(8, "ok") with { Forced = true }, _one);

        Assert.Equal(AttemptOutcome.Succeeded, (await EndedAsync(_one, 8)).Outcome);
    }

    [Fact]
    public async Task The_server_receives_the_trace_and_the_request_for_watched_progress()
    {
        await JoinAsync(_one);
        var trace = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded);

        // Its parameters are recorded whole, unlike those of a tool call.
        var list = new CallRequest("tools/list", null, null, Wrap: false);
        _entity.Tell(new SharedAttempt(7, list, TimeSpan.FromMinutes(5), null) { Trace = trace, WatchProgress = true }, _one);

        Assert.Equal(AttemptOutcome.Succeeded, (await EndedAsync(_one, 7)).Outcome);
        // The connection itself reads the list without progress.
        var traces = _server.Calls.Where(call => call.Method == "tools/list")
            .Select(call => call["_meta"])
            .Where(meta => meta.TryGetProperty("progressToken", out _))
            .Select(meta => meta.GetProperty("traceparent").GetString());
        Assert.Contains(trace.TraceId.ToHexString(), Assert.Single(traces), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_attempt_that_could_not_be_sent_to_it_ends_as_not_sent()
    {
        await JoinAsync(_one);

        _entity.Tell(new UnsendableAttempt(7, "too large"), _one);

        Assert.Equal(
            (AttemptOutcome.NotSent, "too large"), (await EndedAsync(_one, 7)) is var result ? (result.Outcome, result.Error) : default);
    }

    [Fact]
    public async Task A_stopped_circuit_is_replaced_and_its_attempts_are_answered()
    {
        await JoinAsync(_one);
        await StartHangingAsync(_one, 7);

        Sys.Stop(await CircuitAsync());

        Assert.Equal(AttemptOutcome.Lost, (await EndedAsync(_one, 7)).Outcome);
        await ConnectedAsync(_one);
        _entity.Tell(Attempt(8, "ok"), _one);
        Assert.Equal(AttemptOutcome.Succeeded, (await EndedAsync(_one, 8)).Outcome);
    }

    [Fact]
    public async Task A_replaced_circuit_stays_isolated()
    {
        await JoinAsync(_one);
        _entity.Tell(new OperateServer(1, CircuitCommand.Isolate, null), _one);
        await CircuitStateAsync(CircuitState.Isolated);

        Sys.Stop(await CircuitAsync());

        await _one.FishForMessageAsync<ServerReport>(
            report => report is { Circuit: CircuitState.Isolated, Connection.Status: ServerStatus.Connecting }, PoolHost.Patience);
    }

    [Fact]
    public async Task A_replaced_circuit_stays_disconnected()
    {
        await JoinAsync(_one);
        _entity.Tell(new OperateServer(1, null, ConnectionCommand.Disconnect), _one);
        await _one.FishForMessageAsync<ServerReport>(report => report.Connection.Closed, PoolHost.Patience);

        Sys.Stop(await CircuitAsync());

        // A new circuit, which has read no catalogue.
        await _one.FishForMessageAsync<ServerReport>(report => report.Connection is { Closed: true, Catalogue: null }, PoolHost.Patience);
    }

    [Fact]
    public async Task A_failed_circuit_stays_isolated()
    {
        await JoinAsync(_one);
        _entity.Tell(new OperateServer(1, CircuitCommand.Isolate, null), _one);
        await CircuitStateAsync(CircuitState.Isolated);

        (await CircuitAsync()).Tell(Kill.Instance);

        await _one.FishForMessageAsync<ServerReport>(
            report => report is { Circuit: CircuitState.Isolated, Connection.Status: ServerStatus.Connecting }, PoolHost.Patience);
    }

    [Fact]
    public async Task A_circuit_that_crashes_at_once_again_waits_before_it_starts_again()
    {
        await JoinAsync(_one);
        (await CircuitAsync()).Tell(Kill.Instance);
        await ConnectedAsync(_one);

        (await CircuitAsync()).Tell(Kill.Instance);

        await _one.FishForMessageAsync<ServerReport>(report => report.Connection.Status == ServerStatus.Error, PoolHost.Patience);
        _entity.Tell(Attempt(7, "ok"), _one);
        Assert.Equal(AttemptOutcome.NotSent, (await EndedAsync(_one, 7)).Outcome);
        Pass(Settings.Reconnect.MaxBackoff);
        await ConnectedAsync(_one);
    }
}
