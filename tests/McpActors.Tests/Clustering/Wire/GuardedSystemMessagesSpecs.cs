using System.Runtime.Serialization;
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

    private static readonly Config Silent = ConfigurationFactory.ParseString("akka.stdout-loglevel = OFF, akka.loglevel = OFF");

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

    [Fact]
    public void Death_watch_is_accepted()
    {
        var serializer = new GuardedSystemMessages((ExtendedActorSystem)Sys);
        var (watchee, watcher) = ((IInternalActorRef)TestActor, (IInternalActorRef)CreateTestProbe().Ref);

        Assert.IsType<Watch>(serializer.FromBinary(serializer.ToBinary(new Watch(watchee, watcher)), typeof(Watch)));
        Assert.IsType<Unwatch>(serializer.FromBinary(serializer.ToBinary(new Unwatch(watchee, watcher)), typeof(Unwatch)));
    }

    [Fact]
    public void A_notice_of_the_death_of_an_own_actor_is_a_lie()
    {
        var serializer = new GuardedSystemMessages((ExtendedActorSystem)Sys);
        var lie = serializer.ToBinary(new DeathWatchNotification(TestActor, true, false));

        var replaced = Assert.IsType<DeathWatchNotification>(serializer.FromBinary(lie, typeof(DeathWatchNotification)));

        Assert.Equal(Sys.DeadLetters, replaced.Actor);
    }

    [Fact]
    public async Task The_full_address_of_an_own_actor_changes_nothing_whether_the_actor_exists_or_not()
    {
        var system = (ExtendedActorSystem)ActorSystem.Create("remoting", ConfigurationFactory.ParseString(
            "akka.actor.provider = remote, akka.remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0 }")
            .WithFallback(Untrusted).WithFallback(Silent));
        try
        {
            var serializer = new GuardedSystemMessages(system);
            var own = new RootActorPath(system.Provider.DefaultAddress);
            foreach (var path in new[] { own / "user", own / "user" / "nobody" })
            {
                var lie = serializer.ToBinary(new DeathWatchNotification(new PathRef(path), true, false));

                var replaced = Assert.IsType<DeathWatchNotification>(serializer.FromBinary(lie, typeof(DeathWatchNotification)));

                Assert.Equal(system.DeadLetters, replaced.Actor);
            }
            var other = new RootActorPath(system.Provider.DefaultAddress.WithPort(1)) / "user" / "a";
            var notice = serializer.ToBinary(new DeathWatchNotification(new PathRef(other), true, false));
            Assert.Equal(
                other, ((DeathWatchNotification)serializer.FromBinary(notice, typeof(DeathWatchNotification))).Actor.Path);
        }
        finally
        {
            await system.Terminate();
        }
    }

    [Theory]
    [InlineData("off", true)]
    [InlineData("on", false)]
    public async Task A_system_that_trusts_its_peers_accepts_all(string untrusted, bool accepts)
    {
        var system = (ExtendedActorSystem)ActorSystem.Create("trust", ConfigurationFactory.ParseString(
            $"akka.remote.untrusted-mode = {untrusted}").WithFallback(Silent));
        try
        {
            var guarded = new GuardedSystemMessages(system);
            var misc = new GuardedMiscMessages(system);
            var (kill, manifest) = (misc.ToBinary(Kill.Instance), misc.Manifest(Kill.Instance));

            Assert.Equal(accepts, guarded.FromBinary(guarded.ToBinary(new Suspend()), typeof(Suspend)) is Suspend);
            if (accepts)
                Assert.Same(Kill.Instance, misc.FromBinary(kill, manifest));
            else
                Assert.Throws<SerializationException>(() => misc.FromBinary(kill, manifest));
        }
        finally
        {
            await system.Terminate();
        }
    }

    private sealed class PathRef(ActorPath path) : MinimalActorRef
    {
        public override ActorPath Path { get; } = path;

        public override IActorRefProvider Provider => throw new NotSupportedException();
    }
}
