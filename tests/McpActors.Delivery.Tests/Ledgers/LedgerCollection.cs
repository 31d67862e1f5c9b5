namespace McpActors.Delivery.Tests.Ledgers;

/// <summary>The ledgers load the machine and measure time: they run one after the other, after all other tests.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class LedgerCollection
{
    public const string Name = "ledgers";
}
