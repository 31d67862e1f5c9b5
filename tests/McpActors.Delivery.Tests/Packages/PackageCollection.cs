namespace McpActors.Delivery.Tests.Packages;

/// <summary>Tests of the packages, which are packed once for all of these tests.</summary>
[CollectionDefinition(Name)]
public sealed class PackageCollection : ICollectionFixture<PackedFixture>
{
    public const string Name = "Packages";
}
