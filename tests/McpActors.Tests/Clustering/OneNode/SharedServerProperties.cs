using Akka.Actor;
using Akka.Cluster;
using Akka.Dispatch.SysMsg;
using CsCheck;
using McpActors.Clustering.OneNode;
using McpActors.Connections;
using McpActors.Resilience;
using Xunit;

namespace McpActors.Tests.Clustering.OneNode;

/// <summary>Attempts on a shared server in any order of events.</summary>
public sealed class SharedServerProperties : SharedServerSpec
{
    private enum Step
    {
        Attempt,
        AttemptOnSession,
        CancelByCaller,
        CancelByDeadline,
        End,
        Refuse,
        Unsendable,
        Move,
        Die,
        Connecting,
        Connected,
        Failed,
        Unreachable,
        Reachable,
        Lose,
        Link,
        Retire,
        Close,
    }

    private static readonly Gen<(Step Step, int Which)[]> Steps = Gen.Select(
        Gen.Frequency(
            (8, Gen.Const(Step.Attempt)), (2, Gen.Const(Step.AttemptOnSession)),
            (2, Gen.Const(Step.CancelByCaller)), (2, Gen.Const(Step.CancelByDeadline)), (4, Gen.Const(Step.End)),
            (3, Gen.Const(Step.Refuse)), (1, Gen.Const(Step.Unsendable)), (4, Gen.Const(Step.Move)), (4, Gen.Const(Step.Die)),
            (3, Gen.Const(Step.Connecting)),
            (6, Gen.Const(Step.Connected)), (1, Gen.Const(Step.Failed)), (1, Gen.Const(Step.Unreachable)), (2, Gen.Const(Step.Reachable)),
            (2, Gen.Const(Step.Lose)), (2, Gen.Const(Step.Link))),
        Gen.Int[0, 100]).Array[5, 60].SelectMany(steps => Gen.Int[0, 8].Select(end => end switch
        {
            0 => [.. steps, (Step.Retire, 0), (Step.Attempt, 0), (Step.End, 0), (Step.Die, 0)],
            1 => [.. steps, (Step.Retire, 0), (Step.Close, 0), (Step.Attempt, 0)],
            2 => [.. steps, (Step.Close, 0), (Step.Attempt, 0), (Step.Die, 0)],
            _ => steps,
        }));

    [Fact]
    public void Every_attempt_is_answered_once() => Property.Holds(Steps, AssertAnsweredOnce, samples: 300);

    private void AssertAnsweredOnce((Step Step, int Which)[] steps)
    {
        var router = new RecordingRef(Sys);
        // Not a child of a probe: created from here, it handles each message on this thread, which then reads the answers.
        var shared = Sys.ActorOf(SharedServerProps());
        var entity = new RecordingRef(Sys, NextAddress());
        var (open, moves) = (new List<long>(), false);
        foreach (var (step, which) in steps)
        {
            // The attempts that the entity has received and not answered; it answers each once.
            var has = entity.Received.OfType<SharedAttempt>().Select(attempt => attempt.Id).Except(entity.Answered).ToArray();
            long? one = has.Length == 0 ? null : has[which % has.Length];
            switch (step)
            {
                case Step.Attempt or Step.AttemptOnSession:
                    open.Add(open.Count + 1);
                    shared.Tell(NewAttempt(open.Count, step == Step.AttemptOnSession ? which : null), router);
                    break;
                case Step.CancelByCaller or Step.CancelByDeadline when open.Count > 0:
                    var reason = step == Step.CancelByCaller ? CancelReason.Caller : CancelReason.Deadline;
                    shared.Tell(new CancelAttempt(open[which % open.Count], reason), router);
                    break;
                case Step.End or Step.Refuse or Step.Unsendable when one is { } id:
                    entity.Answered.Add(id);
                    shared.Tell(
                        step switch
                        {
                            Step.End => new AttemptEnded(id, new AttemptResult(AttemptOutcome.Succeeded)),
                            Step.Refuse => new AttemptEnded(id, AttemptResult.NotSent(AttemptCause.Draining, "it is being drained")),
                            _ => new UnsendableAttempt(id, "too large"),
                        },
                        entity);
                    break;
                case Step.Lose when one is { } id:
                    entity.Answered.Add(id);
                    break;
                case Step.Link:
                    Link(shared, entity);
                    if (entity.Received.LastOrDefault(message => message is ResumeServer) is ResumeServer resume)
                        shared.Tell(new AttemptsLost([.. resume.Attempts.Where(entity.Answered.Contains)]), entity);
                    break;
                case Step.Move when !moves:
                    moves = true;
                    shared.Tell(new ServerMoving(), entity);
                    break;
                case Step.Die:
                    ((IInternalActorRef)shared).SendSystemMessage(new DeathWatchNotification(entity, true, false));
                    (entity, moves) = (new RecordingRef(Sys, NextAddress()), false);
                    break;
                case Step.Connecting or Step.Connected or Step.Failed:
                    shared.Tell(Report(StatusAfter(step)), entity);
                    break;
                case Step.Unreachable:
                    shared.Tell(new ClusterEvent.UnreachableMember(entity.Member));
                    break;
                case Step.Reachable:
                    shared.Tell(new ClusterEvent.ReachableMember(entity.Member));
                    break;
                case Step.Retire or Step.Close:
                    shared.Tell(step == Step.Retire ? CircuitCommand.Retire : CircuitCommand.Close);
                    break;
            }
        }
        shared.Tell(PoisonPill.Instance);
        Watch(shared);
        ExpectTerminated(shared, PoolHost.Patience);
        Assert.Equal(open, router.Received.OfType<AttemptEnded>().Select(ended => ended.AttemptId).Order());
    }

    private static ServerStatus StatusAfter(Step step) => step switch
    {
        Step.Connecting => ServerStatus.Connecting,
        Step.Connected => ServerStatus.Connected,
        _ => ServerStatus.Error,
    };
}
