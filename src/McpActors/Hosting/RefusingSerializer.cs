using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Serialization;

namespace McpActors.Hosting;

/// <summary>
/// Stands in for the serializer of the pool's messages, which is part of McpActors.Cluster: without that package Akka would use a
/// serializer that writes JSON values as nothing, so that a call would run without its arguments.
/// </summary>
internal sealed class RefusingSerializer(ExtendedActorSystem system) : Serializer(system)
{
    private const string Advice = "add the package McpActors.Cluster and call WithMcpPoolMessages() in AddAkka, on both sides";

    /// <summary>Its number in messages, beside that of the serializer in McpActors.Cluster.</summary>
    public const int Number = 20_260_727;

    /// <summary>The kinds of messages; McpActors.Cluster binds each message by its own type, which Akka prefers.</summary>
    public static IReadOnlyList<Type> Messages { get; } =
        [typeof(PoolCall), typeof(CallReply), typeof(PoolCommand), typeof(CommandReply), typeof(PoolEvent)];

    public override int Identifier => Number;

    public override bool IncludeManifest => true;

    /// <summary>Whether messages of the pool can cross to another process from this system.</summary>
    public static bool IsReplaced(ActorSystem system) =>
        system.Serialization.FindSerializerForType(typeof(Execute)) is not (RefusingSerializer or NewtonSoftJsonSerializer);

    public override byte[] ToBinary(object obj) =>
        throw new SerializationException($"{obj.GetType().Name} cannot be sent to another process: {Advice}.");

    public override object FromBinary(byte[] bytes, Type type) =>
        throw new SerializationException($"{type.Name} from another process cannot be read: {Advice}.");
}
