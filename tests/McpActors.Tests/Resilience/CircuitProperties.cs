using CsCheck;
using McpActors.Configuration;
using McpActors.Resilience;
using Xunit;

namespace McpActors.Tests.Resilience;

/// <summary>What holds for a circuit whatever happens to it, in any order: calls admitted, ending late, twice never, time passing, operators.</summary>
public sealed class CircuitProperties
{
    private enum Step
    {
        Admit,
        Succeed,
        Fail,
        Cancel,
        Wait,
        WaitLong,
        Isolate,
        Reset,
    }

    private static readonly CircuitSettings Settings = new();
    private static readonly TimeSpan TrialLimit = TimeSpan.FromSeconds(30);

    private static readonly Gen<Step> Steps = Gen.Frequency(
        (8, Gen.Const(Step.Admit)),
        (4, Gen.Const(Step.Succeed)),
        (8, Gen.Const(Step.Fail)),
        (2, Gen.Const(Step.Cancel)),
        (4, Gen.Const(Step.Wait)),
        (1, Gen.Const(Step.WaitLong)),
        (1, Gen.Const(Step.Isolate)),
        (1, Gen.Const(Step.Reset)));

    [Fact]
    public void Its_promises_hold_under_any_interleaving() =>
        Gen.Select(Steps.Array[0, 200], Gen.Int[0, 1000], Gen.Int[0, 100]).Sample((steps, seed, pick) =>
        {
            var random = new Random(pick);
            var circuit = new Circuit(Settings, new Random(seed));
            var now = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
            var running = new List<(Circuit.Admission Admission, DateTimeOffset At, CircuitState In)>();
            foreach (var step in steps)
            {
                var before = circuit.State;
                switch (step)
                {
                    case Step.Admit:
                        var admitted = circuit.TryAdmit(now, now + TrialLimit, out var admission);
                        Assert.Equal(admitted, circuit.State == CircuitState.Closed || (admitted && circuit.State == CircuitState.HalfOpen));
                        if (admitted)
                        {
                            // Exactly one trial at a time, unless the one before has overstayed.
                            if (admission.Trial)
                                Assert.DoesNotContain(running, other => other.Admission == admission && now < other.At + TrialLimit);
                            running.Add((admission, now, circuit.State));
                        }
                        break;
                    case Step.Succeed or Step.Fail or Step.Cancel when running.Count > 0:
                        var i = random.Next(running.Count);
                        var (ended, _, state) = running[i];
                        running.RemoveAt(i);
                        circuit.Tick(now);
                        before = circuit.State;
                        circuit.Record(ended, step == Step.Cancel ? null : step == Step.Fail, now);
                        // A late result, or one that is neither success nor failure, moves nothing; a success never opens, a failure never closes.
                        if (state != before || step == Step.Cancel)
                            Assert.Equal(before, circuit.State);
                        if (step == Step.Succeed)
                            Assert.False(circuit.State == CircuitState.Open && before != CircuitState.Open, "a success opened it");
                        if (step == Step.Fail)
                            Assert.False(circuit.State == CircuitState.Closed && before != CircuitState.Closed, "a failure closed it");
                        break;
                    case Step.Wait or Step.WaitLong:
                        now += step == Step.Wait ? TimeSpan.FromSeconds(2) : TimeSpan.FromSeconds(61);
                        circuit.Tick(now);
                        // However long it has failed, after the cap a trial may pass; and time alone never closes it.
                        if (step == Step.WaitLong)
                            Assert.NotEqual(CircuitState.Open, circuit.State);
                        Assert.True(circuit.State == before || (before, circuit.State) == (CircuitState.Open, CircuitState.HalfOpen));
                        break;
                    case Step.Isolate:
                        circuit.Isolate();
                        break;
                    case Step.Reset:
                        circuit.Reset();
                        Assert.Equal(CircuitState.Closed, circuit.State);
                        break;
                }
                if (circuit.State == CircuitState.Open)
                    Assert.InRange(circuit.OpenUntil - now, TimeSpan.MinValue, Settings.MaxOpenFor);
            }
        }, iter: 2000, seed: "0000000000002");
}
