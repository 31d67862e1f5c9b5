using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Configuration;
using Akka.Remote;
using Akka.Serialization;

namespace McpActors.Clustering.Wire;

/// <summary>
/// Stands in the place of Akka's serializer for whatever has no other (Newtonsoft's JSON, <c>json</c>), which writes the names of types and makes what it is told to
/// make when it reads. Where other processes can send something it refuses both; a system without remoting keeps Akka's. Thread-safe.
/// </summary>
internal sealed class FallbackSerializer(ExtendedActorSystem system, Config config) : Serializer(system)
{
    private readonly NewtonSoftJsonSerializer _akka = new(system, config);

    /// <summary>What a system's configuration has to say so that its own messages may cross by Akka's serializer again.</summary>
    private const string Remedy = "Give the message a serializer of its own (akka.actor.serialization-bindings), or, where nobody else can reach this system, have Akka's back: "
        + "akka.actor.serializers.json = \"Akka.Serialization.NewtonSoftJsonSerializer, Akka\"";

    public override int Identifier => _akka.Identifier;

    public override bool IncludeManifest => _akka.IncludeManifest;

    private bool Refuses => system.Provider is IRemoteActorRefProvider;

    public override byte[] ToBinary(object obj) => Refuses
        ? throw new SerializationException($"{obj.GetType()} has no serializer, and Akka's fallback, which names types, is refused here. {Remedy}")
        : _akka.ToBinary(obj);

    public override object FromBinary(byte[] bytes, Type type) => Refuses
        ? throw new SerializationException(
            $"A message of {bytes.Length} bytes that names types itself (Akka's fallback serializer, identifier {Identifier}) is refused. If it is one of your own: {Remedy}")
        : _akka.FromBinary(bytes, type);
}
