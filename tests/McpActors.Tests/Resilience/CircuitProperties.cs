using CsCheck;
using McpActors.Configuration;
using McpActors.Resilience;
using Xunit;

namespace McpActors.Tests.Resilience;

/// <summary>
/// A circuit against a model that keeps every call in a list, under any order of events: calls are admitted, forced, cancelled, end late or
/// never; time passes, connections fail, operators send commands.
/// </summary>
public sealed class CircuitProperties
{
    private enum Kind
    {
        Admit,
        Force,
        Succeed,
        Fail,
        Cancel,
        FailConnection,
        Wait,
        WaitLong,
        Isolate,
        Reset,
    }

    /// <param name="Kind">What happens.</param>
    /// <param name="Which">The index of the running call.</param>
    private readonly record struct Step(Kind Kind, int Which);

    private static readonly CircuitSettings Settings = new() { Jitter = 0 };
    private static readonly TimeSpan TrialLimit = TimeSpan.FromSeconds(30);

    // As long as a part of the window, so that the model needs no parts.
    private static readonly TimeSpan ShortWait = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LongWait = TimeSpan.FromSeconds(60);

    private static readonly Gen<Step[]> Steps = Gen.Select(
        Gen.Frequency(
            (10, Gen.Const(Kind.Admit)),
            (1, Gen.Const(Kind.Force)),
            (5, Gen.Const(Kind.Succeed)),
            (10, Gen.Const(Kind.Fail)),
            (3, Gen.Const(Kind.Cancel)),
            (1, Gen.Const(Kind.FailConnection)),
            (5, Gen.Const(Kind.Wait)),
            (2, Gen.Const(Kind.WaitLong)),
            (1, Gen.Const(Kind.Isolate)),
            (1, Gen.Const(Kind.Reset))),
        Gen.Int[0, 20],
        (kind, which) => new Step(kind, which)).Array[0, 150];

    [Fact]
    public void Does_what_its_model_does_under_any_interleaving() => Property.Holds(Steps, steps =>
    {
        var circuit = new Circuit(Settings, new Random(1));
        var model = new Model();
        var running = new List<(Circuit.Admission Admission, Call Call)>();
        foreach (var (kind, which) in steps)
        {
            switch (kind)
            {
                case Kind.Admit or Kind.Force:
                    var forced = kind == Kind.Force;
                    var admitted = circuit.TryAdmit(model.Now, model.Now + TrialLimit, out var admission, forced);
                    var call = model.TryAdmit(forced);
                    Assert.Equal(call is not null, admitted);
                    if (call is not null)
                        running.Add((admission, call));
                    break;
                case Kind.Succeed or Kind.Fail or Kind.Cancel when running.Count > 0:
                    var ended = running[which % running.Count];
                    running.Remove(ended);
                    bool? failed = kind == Kind.Cancel ? null : kind == Kind.Fail;
                    circuit.Record(ended.Admission, failed, model.Now);
                    model.Ended(ended.Call, failed);
                    break;
                case Kind.FailConnection:
                    circuit.RecordFailure(model.Now);
                    model.ConnectionFailed();
                    break;
                case Kind.Wait or Kind.WaitLong:
                    model.Now += kind == Kind.Wait ? ShortWait : LongWait;
                    circuit.Tick(model.Now);
                    model.Tick();
                    break;
                case Kind.Isolate:
                    circuit.Isolate();
                    model.Enter(CircuitState.Isolated);
                    break;
                case Kind.Reset:
                    circuit.Reset();
                    model.Close();
                    break;
            }
            Assert.Equal(model.State, circuit.State);
            if (model.State == CircuitState.Open)
                Assert.Equal(model.OpenUntil, circuit.OpenUntil);
        }
    });

    /// <summary>A call that was admitted.</summary>
    private sealed record Call(int Stay, bool Trial, DateTimeOffset Limit);

    /// <summary>The rules of the circuit, written as simply as possible.</summary>
    private sealed class Model
    {
        private static readonly int[] OpenSeconds = [5, 10, 20, 40, 60];

        private readonly List<(DateTimeOffset At, bool Failed)> _results = [];
        private int _stay;
        private int _opened;
        private Call? _trial;

        public DateTimeOffset Now { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public CircuitState State { get; private set; }

        public DateTimeOffset OpenUntil { get; private set; }

        public Call? TryAdmit(bool forced)
        {
            Tick();
            // A trial call past its limit loses its place, and its result no longer counts.
            if (_trial is { } overdue && Now >= overdue.Limit)
                _trial = null;
            if (State == CircuitState.HalfOpen && _trial is null)
                return _trial = new Call(_stay, true, Now + TrialLimit);
            return State == CircuitState.Closed || (forced && State != CircuitState.Isolated) ? new Call(_stay, false, default) : null;
        }

        public void Ended(Call call, bool? failed)
        {
            Tick();
            if (call.Trial)
            {
                if (!ReferenceEquals(call, _trial))
                    return;
                _trial = null;
                if (failed is { } verdict)
                    Decide(verdict);
            }
            else if (State == CircuitState.Closed && call.Stay == _stay && failed is { } result)
            {
                Count(result);
            }
        }

        public void ConnectionFailed()
        {
            Tick();
            if (State == CircuitState.Closed)
                Count(true);
        }

        public void Tick()
        {
            if (State == CircuitState.Open && Now >= OpenUntil)
                Enter(CircuitState.HalfOpen);
        }

        public void Close()
        {
            _opened = 0;
            Enter(CircuitState.Closed);
        }

        public void Enter(CircuitState state)
        {
            State = state;
            _stay++;
            _trial = null;
            _results.Clear();
        }

        private void Decide(bool failed)
        {
            if (failed)
                Open();
            else
                Close();
        }

        private void Open()
        {
            OpenUntil = Now + TimeSpan.FromSeconds(OpenSeconds[Math.Min(_opened++, OpenSeconds.Length - 1)]);
            Enter(CircuitState.Open);
        }

        private void Count(bool failed)
        {
            _results.Add((Now, failed));
            var recent = _results.Where(result => result.At > Now - Settings.Window).ToList();
            var five = _results.Count >= 5 && _results.TakeLast(5).All(result => result.Failed);
            var half = recent.Count >= 10 && recent.Count(result => result.Failed) * 2 >= recent.Count;
            if (failed && (five || half))
                Open();
        }
    }
}
