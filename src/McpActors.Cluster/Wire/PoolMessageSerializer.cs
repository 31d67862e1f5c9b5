using System.Runtime.Serialization;
using System.Text.Json;
using Akka.Actor;
using Akka.Serialization;
using McpActors.Clustering.OneNode;
using McpActors.Connections;

namespace McpActors.Clustering.Wire;

/// <summary>
/// Serializes the messages between callers and pools and between nodes (<see cref="WireTypes"/>). Manifests come from a closed list, never
/// from type names; a message with another manifest is refused with an error that names it, which Akka logs. Exceptions do not cross, error
/// values do. Thread-safe.
/// </summary>
internal sealed class PoolMessageSerializer : SerializerWithStringManifest
{
    /// <summary>The serializer's number in every message; the same on every node and client. Akka's own numbers are below 100.</summary>
    public const int Number = 20_260_728;

    /// <summary>Bytes reserved for the envelope of a message: the paths of sender and receiver, the manifest.</summary>
    private const long Envelope = 8 * 1024;

    private const string FrameSize = "akka.remote.dot-netty.tcp.maximum-frame-size";

    private readonly WireJson _json;
    private readonly long _limit;

    public PoolMessageSerializer(ExtendedActorSystem system)
        : base(system)
    {
        _json = WireJson.For(system);
        _limit = system.Settings.Config.GetByteSize(FrameSize, null) is { } frame ? frame - Envelope : long.MaxValue;
    }

    public override int Identifier => Number;

    public override string Manifest(object o) => WireTypes.ManifestOf(o.GetType())
        ?? throw new SerializationException($"{o.GetType()} cannot be sent to another process: it is not a message of the wire format");

    public override byte[] ToBinary(object obj)
    {
        byte[] bytes;
        try
        {
            bytes = JsonSerializer.SerializeToUtf8Bytes(obj, _json.GetTypeInfo(obj.GetType())!);
        }
        catch (JsonException e)
        {
            return Write(new Unsendable(e.Message, AttemptOf(obj)));
        }
        return bytes.Length <= _limit
            ? bytes
            : Write(Unsendable.TooLarge(Manifest(obj), bytes.Length, _limit) with { AttemptId = AttemptOf(obj) });
    }

    public override object FromBinary(byte[] bytes, string manifest)
    {
        var type = WireTypes.TypeOf(manifest) ?? throw new SerializationException(
            $"unknown message {manifest}, from a newer version or from another program. Known: {string.Join(", ", WireTypes.Manifests)}");
        try
        {
            return bytes is [Unsendable.Mark, ..]
                ? JsonSerializer.Deserialize(bytes.AsSpan(1), _json.Unsendable)!.InPlaceOf(type)
                : JsonSerializer.Deserialize(bytes, _json.GetTypeInfo(type)!)!;
        }
        catch (JsonException e)
        {
            throw new SerializationException($"message {manifest} cannot be read: {e.Message}", e);
        }
    }

    private static long? AttemptOf(object message) => message switch
    {
        SharedAttempt attempt => attempt.Id,
        AttemptEnded ended => ended.AttemptId,
        _ => null,
    };

    private byte[] Write(Unsendable unsendable) => [Unsendable.Mark, .. JsonSerializer.SerializeToUtf8Bytes(unsendable, _json.Unsendable)];
}
