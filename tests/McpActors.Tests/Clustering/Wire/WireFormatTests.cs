using System.Diagnostics;
using System.Runtime.Serialization;
using System.Text;
using System.Text.Json;
using Akka.Actor;
using McpActors.Clustering.Senders;
using McpActors.Clustering.Wire;
using McpActors.Configuration;
using Xunit;

namespace McpActors.Tests.Clustering.Wire;

/// <summary>The format of the messages between processes.</summary>
public sealed class WireFormatTests : WireSpec
{
    [Fact]
    public void Every_message_is_read_back_as_it_was_written()
    {
        var samples = WireSamples.All(System.DeadLetters);
        Assert.Equal(
            WireTypes.Messages.Select(type => type.Name).Order(), samples.Select(sample => sample.GetType().Name).Distinct().Order());

        // Compared as text: lists and JSON have no equality of their own.
        Assert.All(samples, sample => Assert.Equal(TextOf(sample), TextOf(Transfer(sample))));
    }

    [Fact]
    public void Every_public_message_can_cross_except_one_with_a_whole_configuration()
    {
        var messages = typeof(Execute).Assembly.GetExportedTypes().Where(type => type is { IsAbstract: false, IsInterface: false }
            && (type.IsAssignableTo(typeof(PoolCall))
                || type.IsAssignableTo(typeof(PoolCommand))
                || type.IsAssignableTo(typeof(PoolEvent))));

        Assert.Equal([nameof(ApplyConfiguration)], messages.Where(type => WireTypes.ManifestOf(type) is null).Select(type => type.Name));
    }

    // Older and newer nodes must read these: change a line only together with the version in its manifest.
    [Theory]
    [InlineData(
        "execute/1",
        """{"method":"getData","params":{"a":1},"options":{"mode":"Failover","timeout":"00:00:05","traceContext":"","callId":"7"}}""")]
    [InlineData(
        "call-completed/1",
        """{"result":{"content":[]},"server":"a","attempts":[{"server":"a","outcome":"Succeeded","elapsed":"00:00:00.0010000"}],"""
        + "\"elapsed\":\"00:00:00.0020000\"}")]
    [InlineData(
        "call-failed/1",
        """{"error":{"kind":"OutcomeUnknown","message":"it may have run","server":"a","servers":[]},"attempts":[],"elapsed":"00:00:00"}""")]
    [InlineData(
        "circuit-state-changed/1",
        """{"server":"a","from":"Closed","to":"Open","reason":"timeout","at":"2026-11-23T01:02:03+00:00"}""")]
    public void The_format_of_version_1_stays(string manifest, string json)
    {
        var message = FromAnotherNode.Open(Serializer.FromBinary(Encoding.UTF8.GetBytes(json), manifest));

        using var expected = JsonDocument.Parse(json);
        using var written = JsonDocument.Parse(Serializer.ToBinary(message));
        AssertHolds(expected.RootElement, written.RootElement);
        Assert.Equal(TextOf(message), TextOf(Transfer(message)));
    }

    [Fact]
    public void Unknown_properties_are_ignored_and_missing_ones_have_their_default()
    {
        var call = Assert.IsType<Execute>(Serializer.FromBinary("""{"method":"getData","someday":{"x":[1]}}"""u8.ToArray(), "execute/1"));

        Assert.Equal(new Execute("getData"), call);
    }

    [Fact]
    public void An_unknown_manifest_is_refused_by_name()
    {
        var error = Assert.Throws<SerializationException>(() => Serializer.FromBinary("{}"u8.ToArray(), "execute/2"));

        Assert.Contains("execute/2", error.Message, StringComparison.Ordinal);
        Assert.Contains("execute/1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Invalid_JSON_is_refused_with_the_manifest()
    {
        var error = Assert.Throws<SerializationException>(() => Serializer.FromBinary("[1]"u8.ToArray(), "node-update/1"));

        Assert.Contains("node-update/1", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("execute/1", typeof(UnusableCall))]
    [InlineData("passed-on/1", typeof(UnusableCall))]
    [InlineData("add-server/1", typeof(UnusableCommand))]
    public void The_sender_of_a_call_or_command_that_cannot_be_read_is_answered(string manifest, Type expected)
    {
        foreach (var json in new[] { "[1]", "null", "{\"call\":{}}{" })
            Assert.IsType(expected, FromAnotherNode.Open(Serializer.FromBinary(Encoding.UTF8.GetBytes(json), manifest)));
    }

    [Theory]
    [InlineData("get-cluster-status/1", """{"servers":[null]}""", "servers.[0]")]
    [InlineData("node-heartbeat/1", "{}", "from")]
    [InlineData("node-heartbeat/1", """{"from":{"address":null,"uid":1},"number":1}""", "from.address")]
    [InlineData("node-update/1", """{"from":{"address":"a","uid":1},"number":1,"servers":[null],"removed":[]}""", "servers.[0]")]
    [InlineData("node-update/1", """{"from":{"address":"a","uid":1},"number":1,"servers":[],"removed":[null]}""", "removed.[0]")]
    [InlineData("shared-catalogue/1", """{"number":1,"tools":{"t":null},"resources":{},"templates":{},"prompts":{}}""", "tools.[t]")]
    [InlineData("join-server/2", "{}", "entity")]
    public void A_null_that_the_type_of_its_place_excludes_is_refused(string manifest, string json, string place)
    {
        var error = Assert.Throws<SerializationException>(() => Serializer.FromBinary(Encoding.UTF8.GetBytes(json), manifest));

        Assert.Contains($"{place} is missing or null", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_type_that_is_not_listed_does_not_cross() =>
        Assert.Throws<SerializationException>(() => Serializer.Manifest(new ApplyConfiguration(new PoolSettings())));

    [Fact]
    public void A_reference_is_read_back_as_the_same_actor()
    {
        var actor = System.ActorOf(Props.Create(() => new SilentActor()), "progress");

        var call = Assert.IsType<CallTool>(Transfer(new CallTool("work", Options: new CallOptions { ProgressTo = actor })));

        Assert.Equal(actor, call.Options!.ProgressTo);
    }

    [Fact]
    public void A_trace_context_crosses_with_its_state()
    {
        var trace = new ActivityContext(
            ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded, "vendor=1");

        var call = Assert.IsType<CallTool>(Transfer(new CallTool("work", Options: new CallOptions { TraceContext = trace })));

        Assert.Equal((trace.TraceId, trace.SpanId, trace.TraceFlags, "vendor=1"),
            (
                call.Options!.TraceContext.TraceId, call.Options.TraceContext.SpanId, call.Options.TraceContext.TraceFlags,
                call.Options.TraceContext.TraceState));
    }

    // The written JSON may have more properties, with default values.
    private static void AssertHolds(JsonElement expected, JsonElement written)
    {
        if (expected.ValueKind != JsonValueKind.Object)
        {
            Assert.Equal(expected.GetRawText(), written.GetRawText());
            return;
        }
        foreach (var property in expected.EnumerateObject())
            AssertHolds(property.Value, written.GetProperty(property.Name));
    }

    private sealed class SilentActor : ReceiveActor;
}
