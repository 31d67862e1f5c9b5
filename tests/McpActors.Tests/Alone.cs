using Xunit;

namespace McpActors.Tests;

/// <summary>For tests that measure or change the whole process: they run one at a time, after all others.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}
