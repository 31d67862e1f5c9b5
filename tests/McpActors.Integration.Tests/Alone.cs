using Xunit;

namespace McpActors.Tests;

/// <summary>For tests whose measurements other tests of the process would disturb: they run one at a time, after all others.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}
