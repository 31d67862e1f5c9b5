using Akka.Actor;
using Akka.TestKit.Xunit2;
using McpActors.Clustering.Senders;
using Xunit;

namespace McpActors.Tests.Clustering;

/// <summary>Who may send the messages that only go between nodes.</summary>
public sealed class FromAnotherNodeTests : TestKit
{
    private readonly IActorRef _remote = new Remote("akka.tcp://s@10.0.0.1:8110/user/x");

    [Fact]
    public void A_message_of_this_process_stays_as_it_is()
    {
        object message = "m";

        Assert.True(FromAnotherNode.TryOpen(Sys, _remote, ActorRefs.Nobody, ref message));
        Assert.Equal("m", message);
    }

    [Fact]
    public void One_of_a_system_that_is_no_member_is_refused()
    {
        foreach (var known in (IActorRef[])[ActorRefs.Nobody, TestActor])
        {
            object message = new FromAnotherNode("m");

            Assert.False(FromAnotherNode.TryOpen(Sys, _remote, known, ref message));
        }
    }

    [Fact]
    public void One_of_the_actor_that_is_known_is_opened()
    {
        object message = new FromAnotherNode("m");

        Assert.True(FromAnotherNode.TryOpen(Sys, _remote, new Remote("akka.tcp://s@10.0.0.1:8110/user/x"), ref message));
        Assert.Equal("m", message);
    }

    [Fact]
    public void One_of_an_actor_of_this_system_is_opened()
    {
        object message = new FromAnotherNode("m");

        Assert.True(FromAnotherNode.TryOpen(Sys, TestActor, ActorRefs.Nobody, ref message));
        Assert.Equal("m", message);
    }

    private sealed class Remote(string path) : MinimalActorRef
    {
        public override ActorPath Path { get; } = ActorPath.Parse(path);

        public override IActorRefProvider Provider => throw new NotSupportedException();
    }
}
