using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using Akka.Actor;
using McpActors.Telemetry;

namespace McpActors.Clustering.Wire;

/// <summary>Writes references to actors as Akka does: the path with the address of its node.</summary>
internal sealed class ActorRefConverter(ExtendedActorSystem system) : JsonConverter<IActorRef>
{
    public override IActorRef Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        system.Provider.ResolveActorRef(reader.GetString() ?? "");

    public override void Write(Utf8JsonWriter writer, IActorRef value, JsonSerializerOptions options) =>
        writer.WriteStringValue(Akka.Serialization.Serialization.SerializedActorPath(value));

    // The declared type is IActorRef, the type of the value a class of Akka.
    public override bool CanConvert(Type typeToConvert) => typeof(IActorRef).IsAssignableFrom(typeToConvert);
}

/// <summary>Writes the trace context of a call: W3C <c>traceparent</c>, then a space and <c>tracestate</c> if there is one.</summary>
internal sealed class TraceContextConverter : JsonConverter<ActivityContext>
{
    public override ActivityContext Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var parts = (reader.GetString() ?? "").Split(' ', 2);
        // An invalid trace context must not fail the call.
        return ActivityContext.TryParse(parts[0], parts.ElementAtOrDefault(1), isRemote: true, out var context) ? context : default;
    }

    public override void Write(Utf8JsonWriter writer, ActivityContext value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value == default ? "" : $"{Tracing.TraceParent(value)} {value.TraceState}".TrimEnd());
}

/// <summary>Writes a call inside another message, under its manifest.</summary>
internal sealed class PoolCallConverter : JsonConverter<PoolCall>
{
    public override PoolCall Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        var call = document.RootElement.EnumerateObject().First();
        var type = WireTypes.TypeOf(call.Name) is { } known && known.IsAssignableTo(typeof(PoolCall))
            ? known
            : throw new JsonException($"this version does not know the call {call.Name}");
        return (PoolCall)call.Value.Deserialize(options.GetTypeInfo(type))!;
    }

    public override void Write(Utf8JsonWriter writer, PoolCall value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        var manifest = WireTypes.ManifestOf(value.GetType());
        writer.WritePropertyName(manifest ?? throw new JsonException($"{value.GetType()} cannot be sent to another process"));
        JsonSerializer.Serialize(writer, value, options.GetTypeInfo(value.GetType()));
        writer.WriteEndObject();
    }

    public override bool CanConvert(Type typeToConvert) => typeToConvert == typeof(PoolCall);
}
