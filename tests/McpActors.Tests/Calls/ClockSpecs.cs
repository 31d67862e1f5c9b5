using Akka.Actor;
using Akka.TestKit;
using McpActors.Configuration;
using McpActors.Connections;
using Xunit;

namespace McpActors.Tests.Calls;

/// <summary>Whatever the router times, while the clock of the machine is set by an hour.</summary>
public sealed class ClockSpecs() : RouterSpec(OnOwnMachine)
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    public static TheoryData<int> Hours { get; } = [1, -1];

    [Theory]
    [MemberData(nameof(Hours))]
    public async Task A_call_in_flight_is_not_ended_and_its_time_is_the_time_that_passed(int hours)
    {
        Start("a");
        Call(new CallTool("pay", null, new CallOptions { Timeout = 30 * Second }));
        var attempt = await Circuits["a"].ExpectMsgAsync<StartAttempt>();

        SetClock(hours);
        await PassAndHandleAsync(2 * Second);
        Circuits["a"].Reply(new AttemptEnded(attempt.Id, Success("a")));

        Assert.InRange((await Caller.ExpectMsgAsync<CallCompleted>()).Elapsed, 2 * Second, 2.1 * Second);
    }

    [Theory]
    [MemberData(nameof(Hours))]
    public async Task A_call_without_an_answer_ends_at_its_deadline(int hours)
    {
        Start("a");
        Call(new CallTool("pay", null, new CallOptions { Timeout = 2 * Second }));
        var attempt = await Circuits["a"].ExpectMsgAsync<StartAttempt>();

        SetClock(hours);
        await PassAndHandleAsync(2.1 * Second);

        Assert.Equal(new CancelAttempt(attempt.Id, CancelReason.Deadline), await Circuits["a"].ExpectMsgAsync<CancelAttempt>());
    }

    [Theory]
    [MemberData(nameof(Hours))]
    public async Task A_pause_that_a_server_asked_for_ends_when_it_is_over(int hours)
    {
        Start("a");
        Call(new CallTool("read"));
        await AnswerAsync("a", AsksToPause(5 * Second));
        await Caller.ExpectMsgAsync<CallFailed>();

        SetClock(hours);
        Call(new CallTool("read"));
        Assert.Equal(5 * Second, (await FailureAsync()).RetryAfter);
        Pass(5 * Second);
        Call(new CallTool("read"));
        await AnswerAsync("a", Success("a"));

        await Caller.ExpectMsgAsync<CallCompleted>();
    }

    [Theory]
    [MemberData(nameof(Hours))]
    public async Task The_retry_budget_refills(int hours)
    {
        var budget = new RetryBudgetSettings { Ratio = 0, MinPerSecond = 1 };
        Start(
            new PoolSettings { RetryBudget = budget },
            new ServerSettings { Name = "a", Priority = 1 },
            new ServerSettings { Name = "b", Priority = 2 });
        Assert.True(await IsRetriedAsync());
        SetClock(hours);
        Assert.False(await IsRetriedAsync());

        Pass(Second);

        Assert.True(await IsRetriedAsync());
    }

    [Theory]
    [MemberData(nameof(Hours))]
    public async Task Latencies_of_the_last_half_minute_count_and_older_ones_are_forgotten(int hours)
    {
        Start("a");
        Call(new CallTool("read"));
        var attempt = await Circuits["a"].ExpectMsgAsync<StartAttempt>();
        Pass(Second);
        Circuits["a"].Reply(new AttemptEnded(attempt.Id, Success("a")));
        await Caller.ExpectMsgAsync<CallCompleted>();

        SetClock(hours);
        Assert.InRange((await StatusOfAsync("a")).LatencyP50!.Value, 0.9 * Second, 1.1 * Second);
        Pass(65 * Second);

        Assert.Null((await StatusOfAsync("a")).LatencyP50);
    }

    [Theory]
    [MemberData(nameof(Hours))]
    public async Task The_load_of_a_failure_fades_over_the_time_that_passes(int hours)
    {
        Start(
            new PoolSettings { LoadBalancing = StrategyNames.LeastConnections },
            new ServerSettings { Name = "a" },
            new ServerSettings { Name = "b" });
        Report("b", Connected with { Connection = new ConnectionReport { Status = ServerStatus.Error } });
        Call(new CallTool("read"));
        var attempt = await Circuits["a"].ExpectMsgAsync<StartAttempt>();
        Pass(Second);
        Circuits["a"].Reply(new AttemptEnded(attempt.Id, Success("a")));
        await Caller.ExpectMsgAsync<CallCompleted>();
        Call(new CallTool("read"));
        await AnswerAsync("a", AttemptResult.Lost("the connection broke"));
        await Caller.ExpectMsgAsync<CallFailed>();
        Report("b", Connected);

        SetClock(hours);
        Assert.Equal(0, await CallsOfAsync("a", among: 20));
        Pass(110 * Second);

        Assert.InRange(await CallsOfAsync("a", among: 20), 1, 19);
    }

    [Theory]
    [MemberData(nameof(Hours))]
    public async Task A_server_that_has_just_connected_gets_its_share_when_it_has_warmed_up(int hours)
    {
        Start(new PoolSettings { SlowStart = 10 * Second }, new ServerSettings { Name = "a" }, new ServerSettings { Name = "b" });
        await HandledAsync(Router);
        await PassAndHandleAsync(10 * Second, TimeSpan.FromMilliseconds(500));
        Report("b", Connected with { Connection = new ConnectionReport { Status = ServerStatus.Error } });
        Report("b", Connected);
        await HandledAsync(Router);

        SetClock(hours);
        await PassAndHandleAsync(Second, TimeSpan.FromMilliseconds(500));
        Assert.InRange(await CallsOfAsync("b", among: 20), 1, 3);
        await PassAndHandleAsync(9.5 * Second, TimeSpan.FromMilliseconds(500));

        Assert.Equal(10, await CallsOfAsync("b", among: 20));
    }

    [Theory]
    [MemberData(nameof(Hours))]
    public async Task Status_and_explanations_show_the_time_that_people_read(int hours)
    {
        Start("a");
        var next = PoolClock.Of(Sys).Now + (10 * Second);
        var waiting = new ConnectionReport { Status = ServerStatus.Error, Reason = "gone", NextReconnect = next };
        Report("a", Connected with { Connection = waiting });

        SetClock(hours);

        Router.Tell(GetPoolStatus.Instance, Caller);
        var status = await Caller.ExpectMsgAsync<PoolStatus>();
        Assert.Equal(PoolClock.Of(Sys).WallTime, status.At);
        Assert.Equal(status.At + (10 * Second), status.Servers.Single().NextReconnect);
        Call(new CallTool("read"));
        Assert.Equal(10 * Second, (await FailureAsync()).RetryAfter);
    }

    [Fact]
    public async Task A_call_in_flight_is_not_ended_when_the_process_was_stopped_for_longer_than_it_may_take()
    {
        Start("a");
        Call(new CallTool("pay", null, new CallOptions { Timeout = 30 * Second }));
        var attempt = await Circuits["a"].ExpectMsgAsync<StartAttempt>();
        await HandledAsync(Router);

        Machine.StopProcess(60 * Second);
        await PassAndHandleAsync(20 * Second);
        Circuits["a"].Reply(new AttemptEnded(attempt.Id, Success("a")));

        await Caller.ExpectMsgAsync<CallCompleted>();
    }

    [Fact]
    public async Task A_call_has_the_rest_of_its_time_after_the_process_was_stopped()
    {
        Start("a");
        Call(new CallTool("pay", null, new CallOptions { Timeout = 30 * Second }));
        var attempt = await Circuits["a"].ExpectMsgAsync<StartAttempt>();
        await HandledAsync(Router);

        Machine.StopProcess(60 * Second);
        await PassAndHandleAsync(30.1 * Second);

        Assert.Equal(new CancelAttempt(attempt.Id, CancelReason.Deadline), await Circuits["a"].ExpectMsgAsync<CancelAttempt>());
    }

    private void SetClock(int hours) => Machine.SetClock(TimeSpan.FromHours(hours));

    // The router handles each of its timers before more time passes.
    private async Task PassAndHandleAsync(TimeSpan time, TimeSpan? step = null)
    {
        var size = step ?? TimeSpan.FromMilliseconds(500);
        for (var left = time; left > TimeSpan.Zero; left -= size)
        {
            Pass(left < size ? left : size);
            await HandledAsync(Router);
        }
    }

    private async Task<ServerInfo> StatusOfAsync(string server)
    {
        Router.Tell(GetPoolStatus.Instance, Caller);
        return (await Caller.ExpectMsgAsync<PoolStatus>()).Servers.Single(info => info.Name == server);
    }

    private async Task<bool> IsRetriedAsync()
    {
        AnswerAll("b");
        Call(new CallTool("read", null, Vouched with { Mode = CallMode.Failover }));
        await AnswerAsync("a", AttemptResult.Lost("the connection broke"));
        return await Caller.ExpectMsgAsync<CallReply>() is CallCompleted { Server: "b" };
    }

    private async Task<int> CallsOfAsync(string server, int among)
    {
        AnswerAll("a");
        AnswerAll("b");
        var count = 0;
        for (var i = 0; i < among; i++)
        {
            Call(new CallTool("read"));
            if ((await Caller.ExpectMsgAsync<CallCompleted>()).Server == server)
                count++;
        }
        return count;
    }

    private void AnswerAll(string server) => Circuits[server].SetAutoPilot(new DelegateAutoPilot((sender, message) =>
    {
        if (message is StartAttempt attempt)
            sender.Tell(new AttemptEnded(attempt.Id, Success(server)));
        return AutoPilot.KeepRunning;
    }));
}
