using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch.SysMsg;
using Akka.Event;
using Akka.TestKit.Xunit2;
using McpActors.Clustering.Wire;
using Xunit;

namespace McpActors.Tests.Clustering.Wire;

/// <summary>System messages from other processes.</summary>
public sealed class GuardedSystemMessagesSpecs : TestKit
{
    private static readonly Config Untrusted = ConfigurationFactory.ParseString("akka.remote.untrusted-mode = on");

    public GuardedSystemMessagesSpecs()
        : base(Untrusted)
    {
    }

    [Fact]
    public async Task Refused_ones_of_any_type_are_one_line()
    {
        var serializer = new GuardedSystemMessages((ExtendedActorSystem)Sys);
        var log = CreateTestProbe();
        Sys.EventStream.Subscribe(log, typeof(Warning));

        // A sender names any type of .NET.
        foreach (var type in (Type[])[typeof(Terminate), typeof(Suspend), typeof(int[]), typeof(int[][]), typeof(List<int[]>)])
            Assert.IsType<DeathWatchNotification>(serializer.FromBinary([], type));

        var line = await log.ExpectMsgAsync<Warning>();
        Assert.Contains("Refused Terminate", $"{line.Message}", StringComparison.Ordinal);
        await log.ExpectNoMsgAsync(TimeSpan.Zero);
    }
}
