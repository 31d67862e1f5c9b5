namespace McpActors.Delivery.Tests.Ledgers;

/// <summary>
/// A short run of the chaos program, which injects faults into real servers in real processes under load and compares the callers' outcomes
/// with the servers' records. Longer runs: docs/reliability.md.
/// </summary>
[Collection(LedgerCollection.Name)]
public sealed class ChaosTests
{
    /// <summary>Beyond the run itself: every server is started before it, and back in service after it.</summary>
    private static readonly TimeSpan Guard = TimeSpan.FromMinutes(3);

    [SkippableFact]
    public async Task No_call_is_lost_and_none_runs_twice_while_servers_are_killed_stopped_hung_and_replaced()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "stops processes with signals");

        await ChaosProgram.RunAsync(Guard, "--seed", "20", "--seconds", "20", "--callers", "16");
    }
}
