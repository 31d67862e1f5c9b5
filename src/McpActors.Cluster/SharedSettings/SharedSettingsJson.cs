using System.Text.Json.Serialization;
using McpActors.Clustering.Json;
using McpActors.Resilience;

namespace McpActors.Clustering.SharedSettings;

/// <summary>The JSON of the entries that are kept in Distributed Data.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(StoredServer))]
[JsonSerializable(typeof(NodeServer))]
[JsonSerializable(typeof(PoolRouting))]
[JsonSerializable(typeof(OperatorIntent))]
internal sealed partial class SharedSettingsJson : JsonSerializerContext;
