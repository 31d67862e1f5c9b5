using Akka.Actor;
using Akka.Remote;
using Xunit;

namespace McpActors.Tests.Clustering;

/// <summary>A node learns that another system has quarantined it, as after a removal while it was stopped or cut off.</summary>
public sealed class QuarantineTests : IAsyncLifetime
{
    private readonly TestCluster _cluster = new(PoolHost.Settings());

    public async Task InitializeAsync()
    {
        await _cluster.AddAsync();
        await _cluster.AddAsync();
    }

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public async Task A_node_quarantined_by_a_member_goes_down()
    {
        Quarantine(_cluster[1], from: _cluster[0].Address);

        await _cluster[1].System.WhenTerminated.WaitAsync(PoolHost.Patience);
    }

    [Fact]
    public async Task A_node_quarantined_by_an_outside_client_stays_up()
    {
        Quarantine(_cluster[1], from: new Address("akka.tcp", "outside", "127.0.0.1", 1));

        // A node joins only with the consent of all.
        await _cluster.AddAsync();
    }

    private static void Quarantine(TestNode node, Address from) =>
        node.System.EventStream.Publish(new ThisActorSystemQuarantinedEvent(node.Address, from));
}
