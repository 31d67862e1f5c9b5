using Akka.Actor;
using Akka.TestKit;
using McpActors.Clustering.SharedSettings;
using McpActors.Configuration;
using McpActors.Pool;
using McpActors.Resilience;
using Xunit;

namespace McpActors.Tests.Clustering;

/// <summary>
/// Changes that a pool receives from other nodes. Several actors in one system represent those of several nodes. Time is virtual and the
/// pools are probes.
/// </summary>
public sealed class SharedSettingsActorSpecs() : VirtualTimeSpec("""
    akka.actor.provider = cluster
    akka.remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0 }
    akka.coordinated-shutdown.run-by-actor-system-terminate = off
    """)
{
    [Fact]
    public async Task A_later_node_receives_a_server_after_its_intent_and_before_the_routes_to_it()
    {
        var first = await StartAsync(CreateTestProbe());
        first.Tell(new RoutingChanged(SharedRouting.Of(new PoolSettings())));
        first.Tell(new ServerDefined(new ServerSettings { Name = "a", Uri = new Uri("memory://a") }, 1));
        first.Tell(new OperatorIntentChanged("a", new OperatorIntent(Isolated: true)));
        await HandledAsync(first);

        var late = CreateTestProbe();
        await StartAsync(late);
        await PassUntilAsync(() => late.HasMessages);

        Assert.Equal(
            new OperatorIntentChanged("a", new OperatorIntent(Isolated: true)),
            await late.ExpectMsgAsync<OperatorIntentChanged>(PoolHost.Patience));
        Assert.Equal("a", (await late.ExpectMsgAsync<ServerDefined>(PoolHost.Patience)).Server.Name);
        await late.ExpectMsgAsync<RoutingChanged>(PoolHost.Patience);
    }

    [Fact]
    public async Task A_change_of_another_node_carries_the_number_of_the_last_own_change()
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
