using Xunit;

namespace McpActors.Tests;

/// <summary>For tests that measure what every other test of the process would disturb: they run one after the other, when all others are done.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}
