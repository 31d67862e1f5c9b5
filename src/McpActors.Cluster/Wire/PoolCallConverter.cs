using System.Text.Json;
using System.Text.Json.Serialization;

namespace McpActors.Clustering.Wire;

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
