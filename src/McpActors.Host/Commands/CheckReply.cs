using System.Text.Json;
using System.Text.Json.Serialization;
using McpActors.Configuration;
using McpActors.Host.Api.Contract;
using McpActors.Host.Presentation;

namespace McpActors.Host.Commands;

/// <summary>What <c>mcp-actors check --json</c> writes.</summary>
/// <param name="File">The file as it was given.</param>
/// <param name="Problems">What is wrong with it; empty: it can be used.</param>
/// <param name="Servers">Every server in configured order; absent when nothing was to be connected.</param>
internal sealed record CheckReply(string File, IReadOnlyList<SettingsProblem> Problems, IReadOnlyList<CheckedServer>? Servers)
{
    public string ToJson() => JsonSerializer.Serialize(this, CheckJson.Readable.CheckReply);
}

/// <summary>One server after one attempt to connect it. Fields that do not apply are absent.</summary>
internal sealed record CheckedServer
{
    public required string Name { get; init; }

    public required string Endpoint { get; init; }

    public required string Group { get; init; }

    public required ServerStatus Status { get; init; }

    /// <summary>Why it could not be connected, or what it did not say; null: all is well.</summary>
    public string? Error { get; init; }

    public string? ProtocolVersion { get; init; }

    public string? ServerName { get; init; }

    public string? ServerVersion { get; init; }

    /// <summary>The names of its tools, ordered; null: it did not say.</summary>
    public IReadOnlyList<string>? Tools { get; init; }

    /// <summary>How many resources and resource templates it has; null: it did not say.</summary>
    public int? Resources { get; init; }

    /// <summary>How many prompts it has; null: it did not say.</summary>
    public int? Prompts { get; init; }
}

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(ApiJson.WordConverter<ServerStatus>)])]
[JsonSerializable(typeof(CheckReply))]
internal sealed partial class CheckJson : JsonSerializerContext
{
    public static CheckJson Readable => field ??= new(ReadableJson.Unescaped(Default.Options));
}
