using System.Text.Json;
using Akka.Actor;
using Akka.TestKit;
using CsCheck;
using McpActors.Balancing;
using McpActors.Calls;
using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Resilience;
using Xunit;

namespace McpActors.Tests.Calls;

/// <summary>
/// Properties of a router under any behaviour of callers and circuits in any order: circuits answer, answer twice, late or never; servers
/// come, go and fail; callers cancel; time passes. The router runs on the test's own thread, so that one sample is one interleaving.
/// </summary>
public sealed class RouterProperties : VirtualTimeSpec
{
    private enum Kind
    {
        Call,
        End,
        EndAgain,
        Pass,
        CancelById,
        CancelByCaller,
        Report,
        Replace,
        Leave,
        Progress,
    }

    /// <param name="Kind">The event.</param>
    /// <param name="Which">The call, attempt or server; or the time.</param>
    /// <param name="How">The variant of the event.</param>
    private readonly record struct Step(Kind Kind, int Which, int How);

    private const int MaxAttempts = 3;

    /// <summary>
    /// The time that the router may exceed a call's time limit by: a circuit's time to confirm a cancel, and clock steps.
    /// </summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(600);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);
    private static readonly string[] Names = ["a", "b", "c", "d"];

    private static readonly Gen<Step[]> Steps = Gen.Select(
        Gen.Frequency(
            (8, Gen.Const(Kind.Call)),
            (10, Gen.Const(Kind.End)),
            (1, Gen.Const(Kind.EndAgain)),
            (6, Gen.Const(Kind.Pass)),
            (1, Gen.Const(Kind.CancelById)),
            (1, Gen.Const(Kind.CancelByCaller)),
            (2, Gen.Const(Kind.Report)),
            (1, Gen.Const(Kind.Replace)),
            (1, Gen.Const(Kind.Leave)),
            (1, Gen.Const(Kind.Progress))),
        Gen.Int[0, 1000],
        Gen.Int[0, 1000],
        (kind, which, how) => new Step(kind, which, how)).Array[0, 60];

    [Fact]
    public void Every_call_is_answered_once_in_time_and_one_that_may_have_run_is_neither_repeated_nor_denied() =>
        Property.Holds(Steps, steps => new World(this).Live(steps));

    private static bool CannotHaveRun(AttemptOutcome outcome) =>
        outcome is AttemptOutcome.NotSent or AttemptOutcome.Refused or AttemptOutcome.NotSupported
            or AttemptOutcome.Rejected or AttemptOutcome.ServerError;

    /// <summary>An attempt as its circuit sees it.</summary>
    private sealed record Attempt(long Id, FakeCaller Caller, FakeCircuit Circuit)
    {
        /// <summary>The outcome that the circuit reported; null before that.</summary>
        public AttemptOutcome? Ended { get; set; }

        /// <summary>It was answered, and the answer was dropped.</summary>
        public bool AnswerDropped { get; set; }

        /// <summary>It was answered with an error, which does not say that the call did not run.</summary>
        public bool MayHaveRun { get; set; }
    }

    /// <summary>A call as its caller sees it, with its attempts and its end.</summary>
    private sealed class FakeCaller(IActorRefProvider provider, ActorPath path, Func<DateTimeOffset> now) : MinimalActorRef
    {
        public override ActorPath Path => path;

        public override IActorRefProvider Provider => provider;

        public required bool Safe { get; init; }

        public required bool Pinned { get; init; }

        public required bool HasId { get; init; }

        /// <summary>When it must be answered.</summary>
        public required DateTimeOffset Latest { get; init; }

        public bool CancelAsked { get; set; }

        public List<Attempt> Attempts { get; } = [];

        public object? Reply { get; private set; }

        /// <summary>Checks that the router may send this attempt.</summary>
        public void Starts(Attempt attempt)
        {
            Assert.Null(Reply);
            Assert.False(CancelAsked, "an attempt was sent after the call was cancelled");
            Assert.DoesNotContain(Attempts, earlier => ReferenceEquals(earlier.Circuit, attempt.Circuit));
            Assert.InRange(Attempts.Count, 0, Pinned ? 0 : MaxAttempts - 1);
            if (!Safe)
            {
                Assert.All(
                    Attempts,
                    earlier => Assert.True(
                        earlier.Ended is { } how && CannotHaveRun(how), "a call that may have run and must not run twice was sent again"));
            }

            Attempts.Add(attempt);
        }

        protected override void TellInternal(object message, IActorRef sender)
        {
            Assert.Null(Reply);
            Reply = message;
            Assert.InRange(now(), DateTimeOffset.MinValue, Latest + Grace);
            if (message is CallCompleted executed)
            {
                var by = executed.Result.GetProperty("by").GetInt64();
                Assert.Contains(
                    Attempts, attempt => attempt.Id == by && attempt.Ended is AttemptOutcome.Succeeded or AttemptOutcome.ToolError);
                return;
            }
            var kind = Assert.IsType<CallFailed>(message).Error.Kind;
            var mayHaveRun = Attempts.Exists(
                attempt => attempt.AnswerDropped || attempt.Ended is null or AttemptOutcome.Lost or AttemptOutcome.Cancelled);
            if (Safe)
            {
                Assert.NotEqual(PoolErrorKind.OutcomeUnknown, kind);
            }
            else if (mayHaveRun)
            {
                Assert.True(
                                kind is PoolErrorKind.OutcomeUnknown || (kind is PoolErrorKind.Cancelled && CancelAsked),
                                $"the caller got {kind} for a call that may have run");
            }
            else if (Attempts.Exists(attempt => attempt.MayHaveRun))
            {
                Assert.True(
                    kind is PoolErrorKind.OutcomeUnknown or PoolErrorKind.ServerError || (kind is PoolErrorKind.Cancelled && CancelAsked),
                    $"the caller got {kind} for a call that failed on a server after it may have run");
            }
            else
            {
                Assert.NotEqual(PoolErrorKind.OutcomeUnknown, kind);
            }

            if (kind == PoolErrorKind.Cancelled)
                Assert.True(CancelAsked);
        }
    }

    /// <summary>A circuit that follows the steps.</summary>
    private sealed class FakeCircuit(World world, IActorRefProvider provider, ActorPath path) : MinimalActorRef
    {
        public override ActorPath Path => path;

        public override IActorRefProvider Provider => provider;

        protected override void TellInternal(object message, IActorRef sender)
        {
            if (message is StartAttempt start)
                world.Started(start, this);
        }
    }

    private sealed class FakeOperator(IActorRefProvider provider) : MinimalActorRef
    {
        public override ActorPath Path => provider.DeadLetters.Path;

        public override IActorRefProvider Provider => provider;

        public object? Reply { get; private set; }

        protected override void TellInternal(object message, IActorRef sender) => Reply = message;
    }

    /// <summary>One router, from its start to its end.</summary>
    private sealed class World
    {
        private readonly RouterProperties _spec;
        private readonly IActorRefProvider _provider;
        private readonly TestActorRef<RouterActor> _router;
        private readonly Dictionary<string, FakeCircuit> _circuits = [];
        private readonly List<FakeCaller> _callers = [];
        private readonly List<Attempt> _attempts = [];
        private int _lastName;

        public World(RouterProperties spec)
        {
            _spec = spec;
            _provider = ((ExtendedActorSystem)spec.Sys).Provider;
            var settings = new PoolSettings
            {
                Failover = new FailoverSettings { MaxAttempts = MaxAttempts },
                RetryBudget = new RetryBudgetSettings { Ratio = 1, MinPerSecond = 1000 },
            };
            _router = spec.ActorOfAsTestActorRef<RouterActor>(RouterActor.Props(settings, Strategies.BuiltIn, seed: 1));
            foreach (var name in Names)
                Join(name);
        }

        public void Live(Step[] steps)
        {
            foreach (var step in steps)
                Do(step);
            // A circuit that has not answered until now never answers.
            _spec.Pass(Longest + Grace, Tick);

            Assert.All(_callers, caller => Assert.NotNull(caller.Reply));
            Assert.Equal(new RouterLoad(0, 0, 0, 0, false), Ask(GetLoad.Instance));
            Assert.All(((PoolStatus)Ask(GetPoolStatus.Instance)).Servers, server => Assert.Equal(0, server.InFlight));
            _spec.Sys.Stop(_router);
        }

        public void Started(StartAttempt start, FakeCircuit circuit)
        {
            var caller = _callers[start.Request.Params!.Value.GetProperty("number").GetInt32()];
            var attempt = new Attempt(start.Id, caller, circuit);
            caller.Starts(attempt);
            _attempts.Add(attempt);
        }

        private void Do(Step step)
        {
            var (kind, which, how) = step;
            var name = Names[which % Names.Length];
            switch (kind)
            {
                case Kind.Call:
                    Call(which, how);
                    break;
                case Kind.End when _attempts.FindAll(attempt => attempt.Ended is null) is { Count: > 0 } running:
                    End(running[which % running.Count], how);
                    break;
                case Kind.EndAgain when _attempts.FindAll(attempt => attempt.Ended is not null) is { Count: > 0 } ended:
                    _router.Tell(new AttemptEnded(ended[which % ended.Count].Id, Result(ended[which % ended.Count], how)));
                    break;
                case Kind.Pass:
                    _spec.Pass(Tick * (1 + (which % 25)), Tick);
                    break;
                case Kind.CancelById when _callers.Count > 0:
                    Cancel(which % _callers.Count, byId: true);
                    break;
                case Kind.CancelByCaller when _callers.Count > 0:
                    Cancel(which % _callers.Count, byId: false);
                    break;
                case Kind.Report when _circuits.TryGetValue(name, out var circuit):
                    _router.Tell(new ServerReported(name, circuit, Report(how)));
                    break;
                case Kind.Replace:
                    Join(name);
                    break;
                case Kind.Leave when _circuits.Remove(name):
                    _router.Tell(new ServerLeft(name));
                    break;
                case Kind.Progress when _attempts.Count > 0:
                    _router.Tell(new AttemptProgressed(_attempts[which % _attempts.Count].Id));
                    break;
            }
        }

        private void Call(int which, int how)
        {
            var number = _callers.Count;
            bool? word = (which % 4) switch { 0 => true, 1 => false, _ => null };
            var read = which % 3 == 0;
            var timeout = TimeSpan.FromMilliseconds(100 + how);
            var most = how % 5 == 0 ? (timeout * 2 < Longest ? timeout * 2 : Longest) : timeout;
            var pinned = how % 7 == 0;
            var options = new CallOptions
            {
                CallId = how % 2 == 0 ? $"{number}" : null,
                Idempotent = word,
                Timeout = timeout,
                MaxTimeout = most > timeout ? most : null,
                Server = pinned ? Names[which % Names.Length] : null,
                Hedge = how % 3 == 0 ? new Hedging { After = Tick * (how % 10) + Tick } : null,
                Mode = how % 4 == 0 ? CallMode.Failover : CallMode.Balanced,
            };
            var caller = new FakeCaller(_provider, NewPath("caller"), () => _spec.Now)
            {
                Safe = word ?? read,
                Pinned = pinned,
                HasId = options.CallId is not null,
                Latest = _spec.Now + most,
            };
            _callers.Add(caller);
            var parameters = JsonSerializer.SerializeToElement(new { number, name = "act" });
            _router.Tell(new Execute(read ? "prompts/get" : "tools/call", parameters, options), caller);
        }

        private void End(Attempt attempt, int how)
        {
            var result = Result(attempt, how);
            attempt.Ended = result.Outcome;
            attempt.AnswerDropped = result is { Outcome: AttemptOutcome.ServerError, IsAnswerDropped: true };
            attempt.MayHaveRun = result.MayHaveRun;
            _router.Tell(new AttemptEnded(attempt.Id, result));
        }

        private static AttemptResult Result(Attempt attempt, int how)
        {
            var outcomes = Enum.GetValues<AttemptOutcome>();
            // Success is twice as likely as any other outcome.
            var outcome = how % (outcomes.Length + 1) is var i && i < outcomes.Length ? outcomes[i] : AttemptOutcome.Succeeded;
            // Only the caller cancels.
            if (outcome == AttemptOutcome.Cancelled && !attempt.Caller.CancelAsked)
                outcome = AttemptOutcome.Lost;
            var causes = Enum.GetValues<AttemptCause>();
            return outcome switch
            {
                AttemptOutcome.Succeeded or AttemptOutcome.ToolError =>
                    new(outcome) { Result = JsonSerializer.SerializeToElement(new { by = attempt.Id }), Failed = false },
                _ => new(outcome)
                {
                    Error = "because",
                    Cause = causes[how % causes.Length],
                    RetryAfter = how % 11 == 0 ? Tick * 5 : null,
                    Failed = how % 2 == 0 ? true : null,
                },
            };
        }

        private void Cancel(int which, bool byId)
        {
            var caller = _callers[which];
            if (caller.Reply is not null || (byId && !caller.HasId))
                return;
            caller.CancelAsked = true;
            _router.Tell(byId ? new CancelCall($"{which}") : new CancelCallOf(caller), ActorRefs.Nobody);
        }

        private void Join(string name)
        {
            var circuit = new FakeCircuit(this, _provider, NewPath(name));
            _circuits[name] = circuit;
            _router.Tell(new ServerJoined(new ServerSettings { Name = name }, circuit, Array.IndexOf(Names, name)));
            _router.Tell(new ServerReported(name, circuit, Report(0)));
        }

        private static ServerReport Report(int how) => new(
            new ConnectionReport
            {
                Status = (how % 5) switch { 1 => ServerStatus.Error, 2 => ServerStatus.Connecting, _ => ServerStatus.Connected },
            },
            (how % 7) switch { 1 => CircuitState.Open, 2 => CircuitState.HalfOpen, _ => CircuitState.Closed },
            "", null, Draining: how % 11 == 1);

        private ActorPath NewPath(string name) => _provider.RootPath / "test" / $"{name}-{++_lastName}";

        private object Ask(object question)
        {
            var asker = new FakeOperator(_provider);
            _router.Tell(question, asker);
            return asker.Reply!;
        }
    }
}
