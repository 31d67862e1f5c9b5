using McpActors.Configuration;
using McpActors.Resilience;
using Xunit;

namespace McpActors.Tests.Resilience;

public sealed class EjectionLimitTests
{
    private static readonly CircuitSettings Settings = new() { ConsecutiveFailures = 1, Jitter = 0 };
    private readonly EjectionLimit _share = new(0.5);
    private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void No_more_than_the_share_of_a_groups_circuits_open()
    {
        var circuits = Circuits(5);

        foreach (var circuit in circuits)
            circuit.RecordFailure(_now);

        Assert.Equal(2, circuits.Count(circuit => circuit.State == CircuitState.Open));
    }

    [Fact]
    public void A_circuit_that_was_kept_closed_opens_with_its_next_failure_once_another_has_closed()
    {
        var circuits = Circuits(2);
        circuits[0].RecordFailure(_now);
        circuits[1].RecordFailure(_now);
        Assert.Equal(CircuitState.Closed, circuits[1].State);

        circuits[0].Reset();
        circuits[1].RecordFailure(_now);

        Assert.Equal(CircuitState.Open, circuits[1].State);
    }

    [Fact]
    public void A_half_open_circuit_keeps_its_place_and_an_isolated_one_does_not()
    {
        var circuits = Circuits(2);
        circuits[0].RecordFailure(_now);
        _now += Settings.OpenFor;
        Assert.True(circuits[0].TryAdmit(_now, _now + TimeSpan.FromSeconds(1), out var trial));
        circuits[0].Record(trial, failed: true, _now);
        circuits[1].RecordFailure(_now);
        Assert.Equal([CircuitState.Open, CircuitState.Closed], circuits.Select(circuit => circuit.State));

        circuits[0].Isolate();
        circuits[1].RecordFailure(_now);
        Assert.Equal(CircuitState.Open, circuits[1].State);
    }

    [Fact]
    public void A_removed_circuit_returns_its_place()
    {
        var circuits = Circuits(2);
        circuits[0].RecordFailure(_now);
        circuits[0].ReleaseEjection();

        circuits[1].RecordFailure(_now);

        Assert.Equal(CircuitState.Open, circuits[1].State);
    }

    [Fact]
    public void A_forced_call_passes_an_open_circuit_and_changes_nothing_but_an_isolated_one_holds()
    {
        var circuit = Circuits(2)[0];
        circuit.RecordFailure(_now);

        Assert.True(circuit.TryAdmit(_now, _now, out var forced, forced: true));
        circuit.Record(forced, failed: false, _now);
        Assert.Equal(CircuitState.Open, circuit.State);
        circuit.Isolate();
        Assert.False(circuit.TryAdmit(_now, _now, out _, forced: true));
    }

    private Circuit[] Circuits(int count) =>
    [
        .. Enumerable.Range(0, count).Select(i =>
        {
            _share.Join();
            return new Circuit(Settings, new Random(i), _share);
        }),
    ];
}
