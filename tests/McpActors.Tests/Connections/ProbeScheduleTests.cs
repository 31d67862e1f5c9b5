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
        Assert.Equal(ProbeStep.Keep, _schedule.Failed());
        Assert.Equal(ProbeStep.Keep, _schedule.Failed());
        Assert.Equal(ProbeStep.Lost, _schedule.Failed());
        Assert.Equal(3, _schedule.Failures);
    }

    public static TheoryData<Action<object>> Recoveries => new()
    {
        schedule => ((ProbeSchedule)schedule).Answered(),
        schedule => ((ProbeSchedule)schedule).Due(At(60), 11),
        schedule => ((ProbeSchedule)schedule).Restart(At(60), 10),
    };

    [Theory]
    [MemberData(nameof(Recoveries))]
    public void An_answered_probe_an_answered_call_and_a_new_connection_clear_the_failures(Action<object> recover)
    {
        _schedule.Failed();
        recover(_schedule);
        Assert.Equal(0, _schedule.Failures);
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

    private static DateTimeOffset At(double seconds) => Start.AddSeconds(seconds);
}
