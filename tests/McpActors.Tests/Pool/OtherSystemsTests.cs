using Akka.Actor;
using Akka.Configuration;
using McpActors.Pool;
using Xunit;

namespace McpActors.Tests.Pool;

/// <summary>Which messages can have come from another actor system.</summary>
public sealed class OtherSystemsTests : IAsyncLifetime
{
    private const string Silent = "akka.stdout-loglevel = OFF, akka.loglevel = OFF";

    private readonly ActorSystem _local = ActorSystem.Create("local", ConfigurationFactory.ParseString(Silent));
    private readonly ActorSystem _remoting = ActorSystem.Create("remoting", ConfigurationFactory.ParseString(
        "akka.actor.provider = remote, akka.remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0 }").WithFallback(Silent));

    private Address Own => ((ExtendedActorSystem)_remoting).Provider.DefaultAddress;

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => Task.WhenAll(_local.Terminate(), _remoting.Terminate());

    [Fact]
    public void Without_remoting_none_can()
    {
        Assert.False(OtherSystems.Sent(_local, ActorRefs.Nobody));
        Assert.False(OtherSystems.Sent(_local, _local.DeadLetters));
    }

    [Fact]
    public void With_remoting_any_process_can_send_one_without_a_sender()
    {
        Assert.True(OtherSystems.Sent(_remoting, ActorRefs.Nobody));
        Assert.True(OtherSystems.Sent(_remoting, _remoting.DeadLetters));
    }

    [Fact]
    public void The_address_of_its_sender_shows_the_system_of_any_other()
    {
        Assert.False(OtherSystems.Sent(_remoting, ActorAt(new Address("akka", "remoting"))));
        Assert.False(OtherSystems.Sent(_remoting, ActorAt(Own)));
        Assert.True(OtherSystems.Sent(_remoting, ActorAt(Own.WithPort(1))));
    }

    private static SenderRef ActorAt(Address address) => new(new RootActorPath(address) / "user" / "a");

    private sealed class SenderRef(ActorPath path) : MinimalActorRef
    {
        public override ActorPath Path { get; } = path;

        public override IActorRefProvider Provider => throw new NotSupportedException();
    }
}
