using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace McpActors.Host.Api;

/// <summary>How the API reads and writes JSON: strictly and in camelCase; enum words as the library names them, read in any case.</summary>
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
        typeof(WordConverter<CallMode>), typeof(WordConverter<AttemptOutcome>), typeof(WordConverter<ServerStatus>), typeof(WordConverter<CircuitState>),
        typeof(WordConverter<NodeState>),
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
    /// The context to use: <see cref="Default"/>, but with text written as it is. The answers are JSON, never part of a page, and
    /// people read them in a terminal.
    /// </summary>
    public static ApiJson Strict => Relaxed.Context;

    /// <summary>An enum as its word; a number is no word.</summary>
    internal sealed class WordConverter<T>() : JsonStringEnumConverter<T>(namingPolicy: null, allowIntegerValues: false)
        where T : struct, Enum;

    /// <summary>A class of its own, so that <see cref="Default"/> exists before it is copied.</summary>
    private static class Relaxed
    {
        public static readonly ApiJson Context =
            new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }
}
