using Akka.Actor;
using Akka.Cluster;
using Akka.TestKit;

namespace McpActors.Tests.Clustering.OneNode;

/// <summary>The entity of a server on another node.</summary>
internal sealed class EntityProbe
{
    public EntityProbe(RecordingRef reference, TestProbe probe)
    {
        (Ref, Probe) = (reference, probe);
        reference.PassTo = probe;
    }

    public RecordingRef Ref { get; }

    public TestProbe Probe { get; }

    public Member Member => Ref.Member;

    public void Tell(IActorRef shared, object message) => shared.Tell(message, Ref);

    /// <summary>Waits for the next message of a type and discards those before it.</summary>
    public async Task<T> ReceivesAsync<T>() => await Probe.FishForMessageAsync<T>(_ => true, PoolHost.Patience);
}

/// <summary>A reference with an address of its own that records the messages it receives.</summary>
internal sealed class RecordingRef(ActorSystem system, Address? address = null) : MinimalActorRef
{
    private readonly Address _address = address ?? new Address("akka", system.Name);

    public ActorSystem System => system;

    public override ActorPath Path => new RootActorPath(_address) / "entity";

    public override IActorRefProvider Provider => ((ExtendedActorSystem)system).Provider;

    public Member Member => TestMember.Create(_address);

    public IActorRef? PassTo { get; set; }

    public List<object> Received { get; } = [];

    /// <summary>The attempts that a test has answered for it.</summary>
    public HashSet<long> Answered { get; } = [];

    protected override void TellInternal(object message, IActorRef sender)
    {
        Received.Add(message);
        PassTo?.Tell(message, sender);
    }
}
