using Akka.Actor;
using Akka.Cluster;
using Akka.DistributedData;
using Akka.TestKit;
using McpActors.Clustering.SharedSettings;
using McpActors.Configuration;
using McpActors.Pool;
using McpActors.Resilience;
using McpActors.Telemetry;
using Xunit;

namespace McpActors.Tests.Clustering;

/// <summary>
/// Changes that a pool receives from other nodes. Several actors in one system represent those of several nodes. Time is virtual and the
/// pools are probes.
/// </summary>
public sealed class SharedSettingsActorSpecs() : VirtualTimeSpec("""
    akka.actor.provider = cluster
    akka.cluster.roles = ["mcp-pool"]
    akka.remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0 }
    akka.coordinated-shutdown.run-by-actor-system-terminate = off
    """)
{
    [Fact]
    public async Task A_later_node_receives_a_server_after_its_intent_and_before_the_routes_to_it()
    {
        var first = await StartAsync(CreateTestProbe());
        first.Tell(new RoutingChanged(PoolRouting.Of(new PoolSettings())));
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
        await pool.ExpectMsgAsync<ChangesReceived>(PoolHost.Patience);

        other.Tell(new ServerTakenOut("other") { Number = 1 });
        await PassUntilAsync(() => pool.HasMessages);

        Assert.Equal(new ServerTakenOut("other") { Number = 5 }, await pool.ExpectMsgAsync<ServerTakenOut>(PoolHost.Patience));
    }

    [Fact]
    public async Task The_removal_of_a_server_is_forgotten_after_a_day_and_its_intent_at_once()
    {
        const int Count = 1000;
        var cluster = Cluster.Get(Sys);
        cluster.Join(cluster.SelfAddress);
        await PassUntilAsync(() => cluster.State.RoleLeader("mcp-pool") is not null);
        var shared = await StartAsync(CreateTestProbe());
        for (var i = 0; i < Count; i++)
        {
            shared.Tell(new ServerDefined(new ServerSettings { Name = $"s{i}", Uri = new Uri("memory://a") }, 1) { Number = (4 * i) + 1 });
            shared.Tell(new OperatorIntentChanged($"s{i}", new OperatorIntent(Isolated: true)) { Number = (4 * i) + 2 });
            shared.Tell(new ServerTakenOut($"s{i}") { Number = (4 * i) + 3 });
            shared.Tell(new OperatorIntentChanged($"s{i}", OperatorIntent.None) { Number = (4 * i) + 4 });
        }
        shared.Tell(new ServerDefined(new ServerSettings { Name = "stays", Uri = new Uri("memory://a") }, 1) { Number = 4 * Count });
        await PassUntilAsync(() => Entries == Count + 1);

        Pass(TimeSpan.FromHours(23), TimeSpan.FromMinutes(30));
        await HandledAsync(shared);
        Assert.Equal(Count + 1, Entries);
        Pass(TimeSpan.FromHours(2), TimeSpan.FromMinutes(30));

        await PassUntilAsync(() => Entries == 1);
    }

    [Fact]
    public async Task A_node_that_missed_the_removal_of_a_server_still_learns_that_it_is_gone()
    {
        var (pool, other) = (CreateTestProbe(), await StartAsync(CreateTestProbe()));
        await StartAsync(pool);
        other.Tell(new ServerDefined(new ServerSettings { Name = "a", Uri = new Uri("memory://a") }, 1) { Number = 1 });
        await PassUntilAsync(() => pool.HasMessages);
        await pool.ExpectMsgAsync<ServerDefined>(PoolHost.Patience);

        var key = new LWWDictionaryKey<string, string>("mcp-pool");
        DistributedData.Get(Sys).Replicator.Tell(Dsl.Update(
            key, LWWDictionary<string, string>.Empty, WriteLocal.Instance, all => all.Remove(Cluster.Get(Sys), "server/a")));
        await PassUntilAsync(() => pool.HasMessages);

        Assert.Equal("a", (await pool.ExpectMsgAsync<ServerTakenOut>(PoolHost.Patience)).Server);
    }

    [Fact]
    public async Task Every_change_of_the_pool_is_confirmed()
    {
        var pool = CreateTestProbe();
        var shared = await StartAsync(pool);

        shared.Tell(new ServerTakenOut("a") { Number = 7 });

        Assert.Equal(7, (await pool.ExpectMsgAsync<ChangesReceived>(PoolHost.Patience)).Number);
    }

    private int Entries => PoolMetrics.Of(Sys).SharedEntries;

    private static async Task<IActorRef> StartAsync(TestProbe pool)
    {
        var shared = pool.ChildActorOf(SharedSettingsActor.Props);
        await pool.ExpectMsgAsync<LastChangeWanted>(PoolHost.Patience);
        shared.Tell(new LastChange(0));
        return shared;
    }
}
