using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Configuration;
using Akka.Remote;
using Akka.Serialization;

namespace McpActors.Clustering.Wire;

/// <summary>
/// Replaces Akka's fallback serializer (Newtonsoft's JSON, <c>json</c>), which serves every type without a serializer of its own: it writes
/// type names and, on reading, creates the types that a message names. In a system with remoting it refuses both; a system without remoting
/// keeps Akka's serializer. Thread-safe.
/// </summary>
internal sealed class FallbackSerializer(ExtendedActorSystem system, Config config) : Serializer(system)
{
    private readonly NewtonSoftJsonSerializer _akka = new(system, config);

    private const string Remedy = "Give the message a serializer of its own (akka.actor.serialization-bindings) or, "
        + "if no untrusted process can reach this system, restore Akka's serializer: "
        + "akka.actor.serializers.json = \"Akka.Serialization.NewtonSoftJsonSerializer, Akka\"";

    public override int Identifier => _akka.Identifier;

    public override bool IncludeManifest => _akka.IncludeManifest;

    private bool Refuses => system.Provider is IRemoteActorRefProvider;

    public override byte[] ToBinary(object obj) => Refuses
        ? throw new SerializationException(
            $"Refused to send {obj.GetType()}: it has no serializer, and Akka's fallback serializer is off because it writes type names. "
            + Remedy)
        : _akka.ToBinary(obj);

    public override object FromBinary(byte[] bytes, Type type) => Refuses
        ? throw new SerializationException(
            $"Refused a {bytes.Length}-byte message that uses Akka's fallback serializer (identifier {Identifier}), because it carries "
            + $"type names. If the message is your own: {Remedy}")
        : _akka.FromBinary(bytes, type);
}
