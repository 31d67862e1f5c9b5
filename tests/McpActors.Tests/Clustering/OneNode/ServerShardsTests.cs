using Akka.Cluster.Sharding;
using Akka.Cluster.Tools.Singleton;
using Akka.Configuration;
using McpActors.Clustering.OneNode;
using McpActors.Configuration;
using Xunit;

namespace McpActors.Tests.Clustering.OneNode;

/// <summary>How long the hand-over of a server may take.</summary>
public sealed class ServerShardsTests
{
    private static readonly Config Defaults = ClusterSharding.DefaultConfig().WithFallback(ClusterSingleton.DefaultConfig());

    [Theory]
    [InlineData(90, 5, "60s", 105)]
    [InlineData(600, 10, "60s", 630)]
    [InlineData(10, 5, "60s", 60)]
    [InlineData(10, 5, "1ms", 25)]
    public void A_hand_over_takes_as_long_as_the_pool_drains_and_closes(int drain, int close, string ofAkka, int seconds)
    {
        var pool = new PoolSettings { DrainTimeout = TimeSpan.FromSeconds(drain), CloseTimeout = TimeSpan.FromSeconds(close) };
        var config = ConfigurationFactory.ParseString($"akka.cluster.sharding.handoff-timeout = {ofAkka}").WithFallback(Defaults);

        var settings = ServerShards.SettingsOf(config, pool);

        Assert.Equal(TimeSpan.FromSeconds(seconds), settings.TuningParameters.HandOffTimeout);
        Assert.Equal(ServerShards.SettingsOf(Defaults, pool).RememberEntities, settings.RememberEntities);
    }
}
