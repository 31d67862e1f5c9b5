using System.Text.Json;
using System.Text.Json.Serialization;
using McpActors.Configuration;
using McpActors.Host.Api.Contract;
using McpActors.Host.Presentation;

namespace McpActors.Host.Commands;

/// <summary>The output of <c>mcp-actors check --json</c>.</summary>
/// <param name="File">The file as it was given.</param>
/// <param name="Problems">The problems of the file; empty when it is valid. When it can be used, they are those of single servers.</param>
/// <param name="Servers">Every server in configured order; absent with <c>--no-connect</c>, and when the file cannot be used.</param>
internal sealed record CheckReply(string File, IReadOnlyList<SettingsProblem> Problems, IReadOnlyList<CheckedServer>? Servers)
{
    /// <summary>What a person should know although nothing is wrong; absent: nothing.</summary>
    public IReadOnlyList<SettingsProblem>? Notes { get; init; }

    public string ToJson() => JsonSerializer.Serialize(this, CheckJson.Readable.CheckReply);
}

/// <summary>One server after one attempt to connect it. Fields that do not apply are absent.</summary>
internal sealed record CheckedServer
{
    public required string Name { get; init; }

    /// <summary>The name in the <c>mcp.json</c> that it is imported from; null: the same.</summary>
    public string? DisplayName { get; init; }

    public required string Endpoint { get; init; }

    public required string Group { get; init; }

    public required ServerStatus Status { get; init; }

    /// <summary>Why it is not connected, or has not listed its tools; null: no problem.</summary>
    public string? Error { get; init; }

    /// <summary>Remarks on its lists, one sentence each; null: there are none.</summary>
    public IReadOnlyList<string>? Remarks { get; init; }

    public string? ProtocolVersion { get; init; }

    public string? ServerName { get; init; }

    public string? ServerVersion { get; init; }

    /// <summary>The names of its tools, ordered; null: not known.</summary>
    public IReadOnlyList<string>? Tools { get; init; }

    /// <summary>The number of its resources and resource templates; null: not known.</summary>
    public int? Resources { get; init; }

    /// <summary>The number of its prompts; null: not known.</summary>
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
