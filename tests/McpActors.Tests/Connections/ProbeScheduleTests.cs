using McpActors.Configuration;
using McpActors.Connections;
using Xunit;

namespace McpActors.Tests.Connections;

public sealed class ProbeScheduleTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly ProbeSchedule _schedule = Restarted(new ProbeSettings { UnhealthyThreshold = 3 });

    [Fact]
    public void The_interval_stays_within_its_jitter()
    {
        var schedule = Restarted(new ProbeSettings { Interval = TimeSpan.FromSeconds(10), Jitter = 0.3 });
        Assert.All(Enumerable.Range(0, 1000), _ => Assert.InRange(schedule.NextInterval().TotalSeconds, 7, 13));
    }

    [Theory]
    [InlineData(10, ProbeStep.Send)]
    [InlineData(11, ProbeStep.Skip)]
    public void A_scheduled_probe_is_skipped_if_calls_were_answered_since_the_last_one(long answeredCalls, object step) =>
        Assert.Equal((ProbeStep)step, _schedule.Due(At(30), answeredCalls));

    [Fact]
    public void Calls_answered_before_the_last_scheduled_time_do_not_count()
    {
        _schedule.Due(At(30), 11);
        Assert.Equal(ProbeStep.Send, _schedule.Due(At(60), 11));
    }

    [Theory]
    [InlineData(0, ProbeStep.Skip)]
    [InlineData(1.999, ProbeStep.Skip)]
    [InlineData(2, ProbeStep.Send)]
    public void The_handshake_counts_as_a_probe_for_two_seconds(double seconds, object step) =>
        Assert.Equal((ProbeStep)step, _schedule.Requested(At(seconds)));

    [Theory]
    [InlineData(31.999, ProbeStep.Skip)]
    [InlineData(32, ProbeStep.Send)]
    public void An_answered_probe_serves_requests_for_two_seconds_after_it_was_sent(double seconds, object step)
    {
        _schedule.Due(At(30), 10);
        _schedule.Answered();
        Assert.Equal((ProbeStep)step, _schedule.Requested(At(seconds)));
    }

    [Fact]
    public void A_request_is_skipped_while_a_probe_is_under_way()
    {
        _schedule.Due(At(30), 10);
        Assert.Equal(ProbeStep.Skip, _schedule.Requested(At(300)));
    }

    [Fact]
    public void The_connection_is_lost_at_the_threshold()
    {
        Assert.Equal(ProbeStep.Keep, _schedule.Failed(At(30), null));
        Assert.Equal(ProbeStep.Keep, _schedule.Failed(At(30), null));
        Assert.Equal(ProbeStep.Lost, _schedule.Failed(At(30), null));
        Assert.Equal(3, _schedule.Failures);
    }

    [Fact]
    public void Calls_that_run_keep_a_server_that_answers_no_probe_until_their_last_deadline()
    {
        Assert.All(Enumerable.Range(1, 9), i => Assert.Equal(ProbeStep.Slow, _schedule.Failed(At(i * 10), At(100))));
        Assert.True(_schedule.IsSlow);
        Assert.Equal(ProbeStep.Lost, _schedule.Failed(At(100), At(100)));
    }

    [Fact]
    public void Calls_that_are_sent_to_a_slow_server_do_not_keep_it()
    {
        _schedule.Failed(At(10), At(30));
        Assert.Equal(ProbeStep.Slow, _schedule.Failed(At(20), At(60)));
        Assert.Equal(ProbeStep.Lost, _schedule.Failed(At(30), At(60)));
    }

    [Fact]
    public void A_slow_server_whose_calls_were_given_up_is_lost_at_the_threshold()
    {
        _schedule.Failed(At(10), At(1000));
        Assert.Equal(ProbeStep.Keep, _schedule.Failed(At(20), null));
        Assert.Equal(ProbeStep.Lost, _schedule.Failed(At(30), null));
    }

    public static TheoryData<Action<object>> Recoveries => new()
    {
        schedule => ((ProbeSchedule)schedule).Answered(),
        schedule => ((ProbeSchedule)schedule).CallAnswered(),
        schedule => ((ProbeSchedule)schedule).Due(At(60), 11),
        schedule => ((ProbeSchedule)schedule).Restart(At(60), 10),
    };

    [Theory]
    [MemberData(nameof(Recoveries))]
    public void An_answered_probe_an_answered_call_and_a_new_connection_clear_the_failures(Action<object> recover)
    {
        _schedule.Failed(At(30), At(1000));
        recover(_schedule);
        Assert.Equal((0, false), (_schedule.Failures, _schedule.IsSlow));
    }

    [Fact]
    public void The_duration_is_measured_from_the_time_it_was_sent()
    {
        _schedule.Requested(At(30));
        Assert.Equal(TimeSpan.FromSeconds(4), _schedule.SinceSent(At(34)));
    }

    private static ProbeSchedule Restarted(ProbeSettings settings)
    {
        var schedule = new ProbeSchedule(settings, new Random(1));
        schedule.Restart(Start, answeredCalls: 10);
        return schedule;
    }

    [Fact]
    public void No_probe_is_sent_while_the_server_asks_its_clients_to_pause()
    {
        var schedule = new ProbeSchedule(new ProbeSettings(), new Random(1));
        schedule.Restart(At(0), 0);
        schedule.Pause(At(0), TimeSpan.FromSeconds(60));
        schedule.Pause(At(0), TimeSpan.FromSeconds(30));

        Assert.Equal(ProbeStep.Skip, schedule.Due(At(59), 0));
        Assert.Equal(ProbeStep.Skip, schedule.Requested(At(59)));
        Assert.Equal(ProbeStep.Send, schedule.Due(At(60), 0));
    }

    [Fact]
    public void A_pause_of_a_day_ends_after_five_minutes()
    {
        _schedule.Pause(At(0), TimeSpan.FromDays(1));

        Assert.Equal(ProbeStep.Skip, _schedule.Requested(At(299)));
        Assert.Equal(ProbeStep.Send, _schedule.Requested(At(300)));
    }

    private static DateTimeOffset At(double seconds) => Start.AddSeconds(seconds);
}
