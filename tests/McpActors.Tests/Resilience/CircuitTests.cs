using McpActors.Configuration;
using McpActors.Resilience;
using Xunit;

namespace McpActors.Tests.Resilience;

public sealed class CircuitTests
{
    private static readonly CircuitSettings Settings = new() { Jitter = 0 };
    private readonly Circuit _circuit = new(Settings, new Random(1));
    private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Opens_after_five_failures_in_a_row()
    {
        Fail(4);
        Assert.Equal(CircuitState.Closed, _circuit.State);
        Fail(1);
        Assert.Equal(CircuitState.Open, _circuit.State);
    }

    [Fact]
    public void A_success_ends_the_row()
    {
        Fail(4);
        Succeed(10);
        Fail(4);
        Assert.Equal(CircuitState.Closed, _circuit.State);
    }

    [Fact]
    public void Opens_when_half_of_ten_calls_fail()
    {
        for (var i = 0; i < 4; i++)
        {
            Succeed(1);
            Fail(1);
        }
        Succeed(1);
        Assert.Equal(CircuitState.Closed, _circuit.State);
        Fail(1);
        Assert.Equal(CircuitState.Open, _circuit.State);
    }

    [Fact]
    public void Failures_older_than_the_window_are_forgotten()
    {
        for (var i = 0; i < 4; i++)
        {
            Succeed(1);
            Fail(1);
        }
        Pass(31);
        Succeed(1);
        Fail(1);
        Assert.Equal(CircuitState.Closed, _circuit.State);
    }

    [Fact]
    public void Stays_open_five_seconds_then_doubles_to_a_minute()
    {
        var waits = new List<double>();
        Fail(5);
        for (var i = 0; i < 6; i++)
        {
            var wait = (_circuit.OpenUntil - _now).TotalSeconds;
            waits.Add(wait);
            Pass(wait - 0.001);
            Assert.False(Admit(out _));
            Pass(0.001);
            Assert.True(Admit(out var trial));
            _circuit.Record(trial, true, _now);
        }
        Assert.Equal([5, 10, 20, 40, 60, 60], waits);
    }

    [Fact]
    public void Jitter_stays_inside_the_cap()
    {
        var circuit = new Circuit(new CircuitSettings { OpenFor = TimeSpan.FromSeconds(60), Jitter = 1 }, new Random(7));
        for (var i = 0; i < 100; i++)
        {
            circuit.Reset();
            for (var failure = 0; failure < 5; failure++)
                circuit.RecordFailure(_now);
            Assert.InRange(circuit.OpenUntil - _now, TimeSpan.Zero, TimeSpan.FromSeconds(60));
        }
    }

    [Fact]
    public void Half_open_lets_exactly_one_call_through()
    {
        OpenAndWait();
        Assert.True(Admit(out _));
        Assert.False(Admit(out _));
        Assert.Equal(CircuitState.HalfOpen, _circuit.State);
    }

    [Fact]
    public void A_trial_that_succeeds_closes_and_resets_the_waits()
    {
        OpenAndWait();
        Admit(out var trial);
        _circuit.Record(trial, false, _now);
        Assert.Equal(CircuitState.Closed, _circuit.State);
        Fail(5);
        Assert.Equal(TimeSpan.FromSeconds(5), _circuit.OpenUntil - _now);
    }

    [Fact]
    public void A_trial_without_a_verdict_keeps_it_half_open_and_frees_the_place()
    {
        OpenAndWait();
        Admit(out var trial);
        _circuit.Record(trial, null, _now);
        Assert.Equal(CircuitState.HalfOpen, _circuit.State);
        Assert.True(Admit(out _));
    }

    [Fact]
    public void A_trial_that_never_returns_frees_its_place_at_its_limit()
    {
        OpenAndWait();
        Assert.True(_circuit.TryAdmit(_now, _now + TimeSpan.FromSeconds(3), out _));
        Pass(2.9);
        Assert.False(Admit(out _));
        Pass(0.1);
        Assert.True(Admit(out _));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [InlineData(null)]
    public void The_end_of_a_trial_past_its_limit_changes_nothing_for_the_next(bool? failed)
    {
        OpenAndWait();
        Admit(out var overstayed);
        Pass(60);
        Assert.True(Admit(out _));
        _circuit.Record(overstayed, failed, _now);
        Assert.Equal(CircuitState.HalfOpen, _circuit.State);
        Assert.False(Admit(out _));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Late_results_of_an_earlier_state_change_nothing(bool failed)
    {
        Admit(out var early);
        OpenAndWait();
        Admit(out _);
        _circuit.Record(early, failed, _now);
        Assert.Equal(CircuitState.HalfOpen, _circuit.State);
        Assert.False(Admit(out _));
    }

    [Fact]
    public void A_result_that_is_neither_success_nor_failure_is_not_counted()
    {
        Fail(4);
        Admit(out var cancelled);
        _circuit.Record(cancelled, null, _now);
        Fail(1);
        Assert.Equal(CircuitState.Open, _circuit.State);
    }

    [Fact]
    public void Isolated_holds_until_reset()
    {
        _circuit.Isolate();
        Pass(3600);
        Assert.False(Admit(out _));
        Assert.Equal(CircuitState.Isolated, _circuit.State);
        _circuit.Reset();
        Assert.True(Admit(out _));
    }

    private void OpenAndWait()
    {
        Fail(5);
        Pass(5);
    }

    private void Pass(double seconds) => _now += TimeSpan.FromSeconds(seconds);

    private bool Admit(out Circuit.Admission admission) => _circuit.TryAdmit(_now, _now + TimeSpan.FromMinutes(1), out admission);

    private void Fail(int times) => End(times, true);

    private void Succeed(int times) => End(times, false);

    private void End(int times, bool failed)
    {
        for (var i = 0; i < times; i++)
        {
            Assert.True(Admit(out var admission));
            _circuit.Record(admission, failed, _now);
        }
    }
}
