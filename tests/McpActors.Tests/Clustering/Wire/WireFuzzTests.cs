using System.Runtime.Serialization;
using System.Text;
using McpActors.Clustering.Nodes;
using McpActors.Clustering.OneNode;
using McpActors.Clustering.Senders;
using Xunit;

namespace McpActors.Tests.Clustering.Wire;

/// <summary>
/// Frames with mistakes: the reader refuses them with its own exception, or gives a message that the actors can use. Every run tries the
/// same frames; <c>MCPACTORS_FUZZ_SECONDS</c> lets it run longer, each round with a seed of its own.
/// </summary>
public sealed class WireFuzzTests : WireSpec
{
    private const int FramesOfEach = 300;

    private static readonly string[] Values =
    [
        "null", "true", "0", "-1", "1e999", "9223372036854775808", "\"\"", "\"\\ud800\"", "\"\\u0000\"", "[]", "{}", "[null]",
        "{\"\":null}",
        "\"2026-13-01\"", "\"99999999.00:00:00\"", "\"akka.tcp://x@y:1/user/z\"", "\"http://[\"", "{\"a\":1,\"a\":2}",
        new string('[', 100), "\"" + new string('x', 100_000) + "\"",
    ];

    [Fact]
    public void A_frame_with_mistakes_is_refused_or_gives_a_message_that_can_be_used()
    {
        var samples = WireSamples.All(System.DeadLetters)
            .Select(message => (Serializer.Manifest(message), Serializer.ToBinary(message)))
            .ToArray();
        foreach (var seed in Fuzz.Seeds(1))
        {
            var random = new Random(seed);
            foreach (var (manifest, frame) in samples)
            {
                for (var i = 0; i < FramesOfEach; i++)
                    Read(random.Next(20) == 0 ? samples[random.Next(samples.Length)].Item1 : manifest, Mutate(frame, random), seed);
            }
        }
    }

    private void Read(string manifest, byte[] frame, int seed)
    {
        try
        {
            Use(FromAnotherNode.Open(Serializer.FromBinary(frame, manifest)));
        }
        catch (SerializationException)
        {
            // Its documented exception.
        }
        catch (Exception e)
        {
            Assert.Fail($"seed {seed}: {manifest} with {Encoding.UTF8.GetString(frame)}: {e}");
        }
    }

    /// <summary>What an actor does with the message first.</summary>
    private static void Use(object message)
    {
        var table = new NodeTable(new NodeId("self", 1), "self:1");
        switch (message)
        {
            case NodeUpdate update:
                table.SetMember(update.From, "other:1", NodeState.Up);
                table.Apply(update);
                break;
            case NodeSnapshot snapshot:
                table.SetMember(snapshot.From, "other:1", NodeState.Up);
                table.Apply(snapshot);
                break;
            case NodeHeartbeat heartbeat:
                table.IsMissingUpdates(heartbeat);
                break;
            case GetClusterStatus query:
                table.Answer(query, At);
                break;
            case SharedCatalogue catalogue:
                catalogue.ToCatalogue();
                break;
            case PoolCommand command:
                command.FindNull();
                break;
        }
    }

    private static byte[] Mutate(byte[] frame, Random random)
    {
        var bytes = frame.ToList();
        for (var mistakes = random.Next(1, 4); mistakes > 0; mistakes--)
        {
            var at = random.Next(bytes.Count + 1);
            var count = Math.Min(random.Next(1, 9), bytes.Count - at);
            switch (random.Next(6))
            {
                case 0 when at < bytes.Count:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveRange(at, count);
                    break;
                case 2:
                    bytes.InsertRange(at, bytes.GetRange(at, count));
                    break;
                case 3:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                default:
                    ReplaceValue(bytes, random);
                    break;
            }
        }
        return [.. bytes];
    }

    /// <summary>Replaces a value after a colon, or an entry of a list, by another one.</summary>
    private static void ReplaceValue(List<byte> bytes, Random random)
    {
        var places = Enumerable.Range(0, bytes.Count).Where(at => bytes[at] is (byte)':' or (byte)'[' or (byte)',').ToArray();
        if (places.Length == 0)
            return;
        var from = places[random.Next(places.Length)] + 1;
        var to = from;
        for (var depth = 0; to < bytes.Count; to++)
        {
            var next = (char)bytes[to];
            if (depth == 0 && next is ',' or '}' or ']' && depth == 0)
                break;
            depth += next is '{' or '[' ? 1 : next is '}' or ']' ? -1 : 0;
        }
        bytes.RemoveRange(from, to - from);
        bytes.InsertRange(from, Encoding.UTF8.GetBytes(Values[random.Next(Values.Length)]));
    }
}
