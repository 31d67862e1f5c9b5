using Akka.Actor;
using McpActors.Balancing;
using McpActors.Calls;
using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Routing;
using Xunit;

namespace McpActors.Tests.Calls;

public sealed class CallTableTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly ServerEntry Server = new(new ServerSettings { Name = "a" }, ActorRefs.Nobody, 0);

    private readonly CallTable _table = new();

    [Fact]
    public void An_unanswered_call_is_found_by_its_id_and_by_its_caller()
    {
        var call = Add("mine");

        Assert.Same(call, _table.Find("mine"));
        Assert.Null(_table.Find("another"));
        Assert.Same(call, _table.FindOf(call.Caller));
        Assert.Equal([call], _table.Unanswered);
    }

    [Fact]
    public void Of_several_calls_of_a_caller_the_first_is_found_until_it_is_answered()
    {
        var first = Add("first");
        var second = Add("second", first.Caller);
        Assert.Same(first, _table.FindOf(first.Caller));

        _table.MarkAnswered(second);
        Assert.Same(first, _table.FindOf(first.Caller));

        _table.MarkAnswered(first);
        Assert.Null(_table.FindOf(first.Caller));
    }

    [Fact]
    public void An_answered_call_stays_until_its_last_attempt_has_ended()
    {
        var call = Add("mine");
        var attempt = Send(call);
        _table.MarkAnswered(call);
        _table.ForgetIfIdle(call);
        Assert.Equal(new RouterLoad(1, 0, 1, 1, false), _table.Load(ticking: false));
        Assert.Null(_table.Find("mine"));
        Assert.Empty(_table.Unanswered);

        Assert.True(_table.TryRemove(attempt.Id, out var removed));
        Assert.Same(attempt, removed);
        call.Complete(attempt, new AttemptResult(AttemptOutcome.Cancelled), Start);
        _table.ForgetIfIdle(call);

        Assert.Equal(new RouterLoad(0, 0, 0, 0, false), _table.Load(ticking: false));
        Assert.False(_table.TryRemove(attempt.Id, out _));
    }

    [Fact]
    public void A_call_is_due_when_its_next_time_comes_and_once_for_each_time()
    {
        var call = Add("mine");
        call.RetryAt = Start + TimeSpan.FromSeconds(2);
        _table.Schedule(call);
        call.RetryAt = Start + TimeSpan.FromSeconds(1);
        _table.Schedule(call);

        Assert.False(_table.TryTakeDue(Start, out _));
        Assert.True(_table.TryTakeDue(Start + TimeSpan.FromSeconds(3), out var due));
        Assert.Same(call, due);
        Assert.False(_table.TryTakeDue(Start + TimeSpan.FromSeconds(3), out _));
    }

    [Fact]
    public void Running_attempts_are_found_by_their_circuit()
    {
        var (ended, running) = (Send(Add("first")), Send(Add("second")));
        _table.TryRemove(ended.Id, out _);

        var found = _table.TakeAttemptsAt(Server.Circuit);

        Assert.Equal([running], found);
        Assert.True(_table.TryRemove(running.Id, out _));
        Assert.Empty(_table.TakeAttemptsAt(Server.Circuit));
    }

    private PendingCall Add(string id, IActorRef? caller = null)
    {
        var plan = new CallPlan
        {
            Request = new CallRequest("tools/call", "t", null, true),
            Options = new CallOptions { CallId = id },
            First = Server,
            Timeout = TimeSpan.FromSeconds(30),
            Failover = new FailoverSettings(),
        };
        var call = new PendingCall(plan, caller ?? ActorRefs.Nobody, Start);
        _table.Add(call);
        return call;
    }

    private PendingAttempt Send(PendingCall call)
    {
        var attempt = new PendingAttempt(CallTable.NextAttemptId(), call, Server, Start, call.Deadline, safe: false);
        call.Add(attempt);
        _table.Add(attempt);
        _table.Schedule(call);
        return attempt;
    }
}
