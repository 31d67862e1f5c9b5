namespace McpActors.Delivery.Tests.Ledgers;

/// <summary>
/// A short run of the chaos program with a cluster: three workers under load, of which one leaves and one dies. The callers' outcomes are
/// compared with the servers' records. Longer runs: docs/cluster.md.
/// </summary>
[Collection(LedgerCollection.Name)]
public sealed class ClusterChaosTests
{
    /// <summary>Beyond what it takes: every node starts before it, and is back after each fault.</summary>
    private static readonly TimeSpan Guard = TimeSpan.FromMinutes(10);

    [SkippableFact]
    public async Task No_call_runs_twice_and_none_is_lost_in_order_while_a_node_leaves_and_another_dies()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "ends processes with signals");

        await ChaosProgram.RunAsync(
            Guard, "cluster", "--seed", "20", "--callers", "8", "--leisure", "10", "--stable-after", "5", "--faults", "leave,lose");
    }
}
