namespace McpActors.Delivery.Tests.Packages;

/// <summary>Tests of the packages, which are made once for all of them.</summary>
[CollectionDefinition(Name)]
public sealed class PackageCollection : ICollectionFixture<PackedFixture>
{
    public const string Name = "Packages";
}
