using McpActors.Balancing;
using McpActors.Clustering.OneNode;
using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Pool;
using McpActors.Resilience;
using McpActors.Transports;
using Xunit;

namespace McpActors.Tests.Clustering.OneNode;

/// <summary>An entity that hands over while its process is stopped for a minute.</summary>
public sealed class ServerEntityClockSpecs() : VirtualTimeSpec(OnOwnMachine)
{
    private static readonly PoolSettings Settings = new()
    {
        DrainTimeout = TimeSpan.FromSeconds(30),
        CloseTimeout = TimeSpan.FromSeconds(2),
    };

    [Fact]
    public async Task Running_calls_have_the_rest_of_the_drain_time()
    {
        var memory = new MemoryServers();
        memory.Add("s").Tool("hang", () => MemoryAnswer.Never);
        var services = new PoolServices(
            Settings, current => new Connector(current, new TransportFactory(memory, current, null), null), Strategies.BuiltIn, seed: 1);
        var servers = new OneNodeServers();
        servers.Add("s@0", new ServerSettings { Name = "s", Uri = new Uri("memory://s") });
        var (shard, member) = (CreateTestProbe(), CreateTestProbe());
        var entity = shard.ChildActorOf(ServerEntityActor.Props(services, "s@0", servers, _ => false));
        entity.Tell(new JoinServer("s@0", OperatorIntent.None), member);
        await member.FishForMessageAsync<ServerReport>(report => report.Connection.Status == ServerStatus.Connected, PoolHost.Patience);
        entity.Tell(new SharedAttempt(7, new CallRequest("tools/call", "hang", null, Wrap: true), TimeSpan.FromHours(1), null), member);
        await UntilAsync(() => memory["s"].Received("hang") == 1);
        shard.Watch(entity);
        entity.Tell(HandOver.Instance, shard);
        await member.FishForMessageAsync<ServerMoving>(_ => true, PoolHost.Patience);

        Machine.StopProcess(TimeSpan.FromMinutes(1));
        await HandledAsync(entity);
        Pass(TimeSpan.FromSeconds(29));
        await HandledAsync(entity);
        entity.Tell(new CancelAttempt(7, CancelReason.Caller), member);

        var ended = await member.FishForMessageAsync<AttemptEnded>(_ => true, PoolHost.Patience);
        Assert.Equal(AttemptOutcome.Cancelled, ended.Result.Outcome);
        entity.Tell(new ServerReleased(), member);
        await shard.ExpectTerminatedAsync(entity, PoolHost.Patience);
    }
}
