using Akka.Event;
using McpActors.Balancing;
using Xunit;

namespace McpActors.Tests.Balancing;

/// <summary>A user's strategy whose faults end no call.</summary>
public sealed class GuardedStrategyTests
{
    private static readonly CandidateSet Set = Candidates.Set("a", "b");
    private static readonly StrategyContext Context = new(new Random(1), TimeProvider.System, TimeSpan.FromSeconds(30));

    public static TheoryData<StrategyFactory> Faulty => new(
        _ => throw new InvalidOperationException("no"),
        _ => null!,
        _ => new Scripted(_ => throw new InvalidOperationException("no")),
        _ => new Scripted(_ => null!),
        _ => throw new UnprintableException(),
        _ => new Scripted(_ => Candidates.Set("other").Servers[0]));

    [Theory]
    [MemberData(nameof(Faulty), DisableDiscoveryEnumeration = true)]
    public void A_strategy_with_a_fault_gives_way_to_the_first_candidate(StrategyFactory faulty)
    {
        var strategy = Guarded(faulty);

        Assert.Same(Set.Servers[0], strategy.Choose(Set, null));
        strategy.Ended(Set.Servers[0], AttemptOutcome.Succeeded, TimeSpan.Zero);
        Assert.Same(Set.Servers[0], strategy.Choose(Set, "key"));
    }

    [Fact]
    public void A_sound_strategy_decides()
    {
        var strategy = Guarded(_ => new Scripted(set => set.Servers[^1]));

        Assert.Same(Set.Servers[1], strategy.Choose(Set, null));
    }

    [Fact]
    public void An_exception_that_cannot_be_printed_is_logged_by_its_type()
    {
        var log = new Recording();

        Guarded(_ => throw new UnprintableException(), log);

        Assert.Contains(nameof(UnprintableException), Assert.Single(log.Causes)!.ToString(), StringComparison.Ordinal);
    }

    private static ILoadBalancingStrategy Guarded(StrategyFactory factory, ILoggingAdapter? log = null) => GuardedStrategy.Guard(
        new Dictionary<string, StrategyFactory> { ["mine"] = factory }, log ?? NoLogger.Instance)["mine"](Context);

    private sealed class Recording() : LoggingAdapterBase(DefaultLogMessageFormatter.Instance)
    {
        public List<Exception?> Causes { get; } = [];

        public override bool IsDebugEnabled => true;

        public override bool IsInfoEnabled => true;

        public override bool IsWarningEnabled => true;

        public override bool IsErrorEnabled => true;

        protected override void NotifyLog(LogLevel logLevel, object message, Exception? cause = null) => Causes.Add(cause);
    }

    private sealed class Scripted(Func<CandidateSet, Candidate> choose) : ILoadBalancingStrategy
    {
        public Candidate Choose(CandidateSet candidates, string? affinityKey) => choose(candidates);

        public void Ended(Candidate candidate, AttemptOutcome outcome, TimeSpan elapsed) => throw new InvalidOperationException("no");
    }
}
