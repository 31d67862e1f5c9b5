using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Serialization;
using McpActors.Host.Presentation;

namespace McpActors.Host.Api.Contract;

/// <summary>How the API reads and writes JSON: strictly, in camelCase, with enum values by name (read in any case).</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    PropertyNameCaseInsensitive = false,
    NumberHandling = JsonNumberHandling.Strict,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters =
    [
        typeof(WordConverter<CallMode>), typeof(WordConverter<AttemptOutcome>), typeof(WordConverter<ServerStatus>),
        typeof(WordConverter<CircuitState>), typeof(WordConverter<NodeState>),
    ])]
[JsonSerializable(typeof(ExecuteRequest))]
[JsonSerializable(typeof(ExecuteReply))]
[JsonSerializable(typeof(AddServerRequest))]
[JsonSerializable(typeof(ExplainReply))]
[JsonSerializable(typeof(ErrorReply))]
[JsonSerializable(typeof(StatusReply))]
[JsonSerializable(typeof(ClusterReply))]
[JsonSerializable(typeof(ToolsReply))]
[JsonSerializable(typeof(ToolReply))]
[JsonSerializable(typeof(DoneReply))]
[JsonSerializable(typeof(HealthReply))]
internal sealed partial class ApiJson : JsonSerializerContext
{
    /// <summary>
    /// The context to use: <see cref="Default"/> with characters as they are, since people read the answers in a terminal, and with results
    /// and definitions as deep as a server may send them.
    /// </summary>
    public static ApiJson Strict =>
        field ??= new(new JsonSerializerOptions(ReadableJson.Unescaped(Default.Options)) { MaxDepth = JsonDepth.Most });

    /// <summary>
    /// An enum by exactly one name, in any case. That of .NET also accepts names in a list, and adds them up to a value that nobody wrote.
    /// </summary>
    internal sealed class WordConverter<T> : JsonConverter<T> where T : struct, Enum
    {
        private static readonly FrozenDictionary<string, T> ByName =
            Enum.GetValues<T>().ToFrozenDictionary(value => value.ToString(), StringComparer.OrdinalIgnoreCase);

        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.String && ByName.TryGetValue(reader.GetString()!, out var value)
                ? value
                : throw new JsonException();

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.ToString());
    }
}
