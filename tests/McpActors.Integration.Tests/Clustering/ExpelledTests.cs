using Akka.Actor;
using Akka.Remote;
using Xunit;

namespace McpActors.Tests.Clustering;

/// <summary>A node that hears that another system wants nothing more to do with it, as it does when it was removed while it was stopped or cut off.</summary>
public sealed class ExpelledTests : IAsyncLifetime
{
    private readonly TestCluster _cluster = new(PoolHost.Settings());

    public async Task InitializeAsync()
    {
        await _cluster.AddAsync();
        await _cluster.AddAsync();
    }

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public async Task From_a_member_it_goes_down()
    {
        Hear(_cluster[1], from: _cluster[0].Address);

        await _cluster[1].System.WhenTerminated.WaitAsync(PoolHost.Patience);
    }

    [Fact]
    public async Task From_a_client_outside_it_stays()
    {
        Hear(_cluster[1], from: new Address("akka.tcp", "outside", "127.0.0.1", 1));

        // A node joins only with the consent of all.
        await _cluster.AddAsync();
    }

    private static void Hear(TestNode node, Address from) => node.System.EventStream.Publish(new ThisActorSystemQuarantinedEvent(node.Address, from));
}
