using Akka.Actor;
using Akka.TestKit;
using McpActors.Clustering.SharedSettings;
using McpActors.Configuration;
using McpActors.Pool;
using McpActors.Resilience;
using Xunit;

namespace McpActors.Tests.Clustering;

/// <summary>What a pool is told of what others changed: several in one system stand for those of several nodes; timers in virtual time; the pools are probes.</summary>
public sealed class SharedSettingsActorSpecs() : VirtualTimeSpec("""
    akka.actor.provider = cluster
    akka.remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0 }
    akka.coordinated-shutdown.run-by-actor-system-terminate = off
    """)
{
    [Fact]
    public async Task Who_comes_later_is_told_of_a_server_after_what_operators_said_of_it_and_before_the_routes_to_it()
    {
        var first = await StartAsync(CreateTestProbe());
        first.Tell(new RoutingChanged(SharedRouting.Of(new PoolSettings())));
        first.Tell(new ServerDefined(new ServerSettings { Name = "a", Uri = new Uri("memory://a") }, 1));
        first.Tell(new OperatorIntentChanged("a", new OperatorIntent(Isolated: true)));
        await HandledAsync(first);

        var late = CreateTestProbe();
        await StartAsync(late);
        await PassUntilAsync(() => late.HasMessages);

        Assert.Equal(new OperatorIntentChanged("a", new OperatorIntent(Isolated: true)), await late.ExpectMsgAsync<OperatorIntentChanged>(PoolHost.Patience));
        Assert.Equal("a", (await late.ExpectMsgAsync<ServerDefined>(PoolHost.Patience)).Server.Name);
        await late.ExpectMsgAsync<RoutingChanged>(PoolHost.Patience);
    }

    [Fact]
    public async Task What_another_changed_comes_with_the_number_of_the_last_change_that_was_heard()
    {
        var (pool, other) = (CreateTestProbe(), await StartAsync(CreateTestProbe()));
        var shared = await StartAsync(pool);
        shared.Tell(new ServerTakenOut("mine") { Number = 5 });
        await HandledAsync(shared);

        other.Tell(new ServerTakenOut("other") { Number = 1 });
        await PassUntilAsync(() => pool.HasMessages);

        Assert.Equal(new ServerTakenOut("other") { Number = 5 }, await pool.ExpectMsgAsync<ServerTakenOut>(PoolHost.Patience));
    }

    private static async Task<IActorRef> StartAsync(TestProbe pool)
    {
        var shared = pool.ChildActorOf(SharedSettingsActor.Props);
        await pool.ExpectMsgAsync<LastChangeWanted>(PoolHost.Patience);
        shared.Tell(new LastChange(0));
        return shared;
    }
}
