using System.Collections.Immutable;
using System.Reflection;
using Akka.Actor;
using Akka.Cluster;
using Akka.Util;

namespace McpActors.Tests.Clustering;

/// <summary>Members of a cluster that Akka has not learned of by gossip, made by the internal factory that Akka's own specs use.</summary>
internal static class TestMember
{
    public static Member Create(Address address, params string[] roles) =>
        (Member)typeof(Member).GetMethods(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public)
            .Single(method => method.Name == "Create" && method.GetParameters().Length == 3)
            .Invoke(null, [new UniqueAddress(address, 1), roles.ToImmutableHashSet(), AppVersion.Zero])!;
}
