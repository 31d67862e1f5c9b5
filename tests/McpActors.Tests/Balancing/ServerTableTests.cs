using Akka.Actor;
using McpActors.Balancing;
using McpActors.Configuration;
using Xunit;

namespace McpActors.Tests.Balancing;

/// <summary>The servers by group, as settings change.</summary>
public sealed class ServerTableTests
{
    [Fact]
    public void A_changed_call_timeout_reaches_the_strategies()
    {
        var seen = new List<TimeSpan>();
        var strategies = new Dictionary<string, StrategyFactory>
        {
            [StrategyNames.RoundRobin] = context =>
            {
                seen.Add(context.CallTimeout);
                return Strategies.BuiltIn[StrategyNames.RoundRobin](context);
            },
        };
        var settings = new PoolSettings { CallTimeout = TimeSpan.FromSeconds(30) };
        var table = new ServerTable(settings, strategies, new Random(1), TimeProvider.System);
        table.Join(new ServerEntry(new ServerSettings { Name = "a" }, ActorRefs.Nobody, 0));
        var group = table.FindGroup("default")!;
        var set = Candidates.Set("a", "b");
        group.Choose(set, null, null);

        table.Apply(settings with { CallTimeout = TimeSpan.FromSeconds(5) });
        group.Choose(set, null, null);
        table.Apply(settings with { CallTimeout = TimeSpan.FromSeconds(5), LoadBalancing = StrategyNames.RoundRobin });
        group.Choose(set, null, null);

        Assert.Equal([TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(5)], seen);
    }
}
