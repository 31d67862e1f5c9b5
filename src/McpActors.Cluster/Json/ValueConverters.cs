using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using Akka.Actor;
using McpActors.Telemetry;

namespace McpActors.Clustering.Json;

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
