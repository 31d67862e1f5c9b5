using System.Runtime.Serialization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Akka.Actor;
using Akka.Serialization;
using McpActors.Clustering.OneNode;
using McpActors.Clustering.Senders;
using McpActors.Connections;

namespace McpActors.Clustering.Wire;

/// <summary>
/// Serializes the messages between callers and pools and between nodes (<see cref="WireTypes"/>). Manifests come from a closed list, never
/// from type names; a message with another manifest is refused with an error that names it, which Akka logs. Exceptions do not cross, error
/// values do. What cannot be read is refused, with an answer to the sender of a call or command. Thread-safe.
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
    private readonly bool _wraps;

    public PoolMessageSerializer(ExtendedActorSystem system)
        : base(system)
    {
        _json = WireJson.For(system);
        // With serialize-messages, Akka reads by this serializer what stays in the process, too.
        _wraps = !system.Settings.SerializeAllMessages;
        _limit = system.Settings.Config.GetByteSize(FrameSize, null) is { } frame ? frame - Envelope : long.MaxValue;
    }

    public override int Identifier => Number;

    public override string Manifest(object o) => WireTypes.ManifestOf(FromAnotherNode.Open(o).GetType())
        ?? throw new SerializationException($"{o.GetType()} cannot be sent to another process: it is not a message of the wire format");

    public override byte[] ToBinary(object obj)
    {
        obj = FromAnotherNode.Open(obj);
        byte[] bytes;
        try
        {
            bytes = JsonSerializer.SerializeToUtf8Bytes(obj, _json.GetTypeInfo(obj.GetType())!);
        }
        catch (JsonException e)
        {
            return Write(About(obj, new Unsendable(e.Message)));
        }
        return bytes.Length <= _limit
            ? bytes
            : Write(About(obj, Unsendable.TooLarge(Manifest(obj), bytes.Length, _limit)));
    }

    public override object FromBinary(byte[] bytes, string manifest)
    {
        var type = WireTypes.TypeOf(manifest) ?? throw new SerializationException(
            $"unknown message {manifest}, from a newer version or from another program. Known: {string.Join(", ", WireTypes.Manifests)}");
        try
        {
            var message = bytes is [Unsendable.Mark, ..]
                ? Check(JsonSerializer.Deserialize(bytes.AsSpan(1), _json.Unsendable), _json.Unsendable).InPlaceOf(type)
                : Check(JsonSerializer.Deserialize(bytes, _json.GetTypeInfo(type)!), _json.GetTypeInfo(type)!);
            return _wraps && WireTypes.IsBetweenNodes(type) ? new FromAnotherNode(message) : message;
        }
        // Converters, and values such as addresses and times, throw more than JsonException.
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            var problem = $"message {manifest} cannot be read: {e.Message}";
            return Unsendable.Unusable(problem, type) ?? throw new SerializationException(problem, e);
        }
    }

    private static T Check<T>(T? message, JsonTypeInfo type)
        where T : class
    {
        if (message is null)
            throw new JsonException("it is null");
        // The pool answers the sender of a call or command that lacks something.
        if (message is not (PoolCall or PoolCommand) && WireCheck.FindNull(message, type) is { } missing)
            throw new JsonException($"{missing} is missing or null");
        return message;
    }

    private static Unsendable About(object message, Unsendable unsendable) => message switch
    {
        SharedAttempt attempt => unsendable with { AttemptId = attempt.Id },
        AttemptEnded ended => unsendable with { AttemptId = ended.AttemptId },
        CallFailed failed => unsendable with { Kind = failed.Error.Kind, MayHaveRun = failed.Error.MayHaveRun },
        SharedCatalogue catalogue => unsendable with { Catalogue = catalogue.Number },
        _ => unsendable,
    };

    private byte[] Write(Unsendable unsendable) => [Unsendable.Mark, .. JsonSerializer.SerializeToUtf8Bytes(unsendable, _json.Unsendable)];
}
