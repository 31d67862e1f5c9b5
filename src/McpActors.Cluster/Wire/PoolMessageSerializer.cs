using System.Runtime.Serialization;
using System.Text.Json;
using Akka.Actor;
using Akka.Serialization;
using McpActors.Clustering.OneNode;
using McpActors.Connections;

namespace McpActors.Clustering.Wire;

/// <summary>
/// Serializes what callers and pools say to each other (<see cref="WireTypes"/>). The manifest comes from a closed list, never from a type's name; one that
/// is not on it is refused with its name, and Akka logs that. Exceptions do not travel, error values do. Thread-safe.
/// </summary>
internal sealed class PoolMessageSerializer : SerializerWithStringManifest
{
    /// <summary>Its number in every message; the same on every node and client. Akka's own are below 100.</summary>
    public const int Number = 20_260_728;

    /// <summary>Left for the envelope of a message: the paths of sender and receiver, the manifest.</summary>
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
        ?? throw new SerializationException($"{o.GetType()} is no message of the pool that can be sent to another process");

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
        return bytes.Length <= _limit ? bytes : Write(Unsendable.TooLarge(Manifest(obj), bytes.Length, _limit) with { AttemptId = AttemptOf(obj) });
    }

    public override object FromBinary(byte[] bytes, string manifest)
    {
        var type = WireTypes.TypeOf(manifest) ?? throw new SerializationException(
            $"the pool knows no message {manifest}; it was sent by a newer version, or by something else. Known: {string.Join(", ", WireTypes.Manifests)}");
        try
        {
            return bytes is [Unsendable.Mark, ..]
                ? JsonSerializer.Deserialize(bytes.AsSpan(1), _json.Unsendable)!.InPlaceOf(type)
                : JsonSerializer.Deserialize(bytes, _json.GetTypeInfo(type)!)!;
        }
        catch (JsonException e)
        {
            throw new SerializationException($"a message {manifest} cannot be read: {e.Message}", e);
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
