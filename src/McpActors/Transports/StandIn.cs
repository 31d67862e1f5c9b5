using System.Text.Json;
using ModelContextProtocol.Protocol;

namespace McpActors.Transports;

/// <summary>
/// An error in place of an answer that exists and cannot be passed on. A mark in its data sets it apart from a server's own error of the
/// same code.
/// </summary>
internal static class StandIn
{
    /// <summary>JSON-RPC error code of the stand-in for an answer that cannot be read.</summary>
    public const int Unreadable = -32098;

    /// <summary>JSON-RPC error code of the stand-in for what should be an answer and is none, such as one that was cut off.</summary>
    public const int Broken = -32097;

    private const string Mark = "mcp-actors/answer-dropped";

    private static readonly JsonElement Data = JsonSerializer.SerializeToElement(new Dictionary<string, bool> { [Mark] = true });

    /// <summary>The stand-in for the answer to this request.</summary>
    /// <param name="id">The request.</param>
    /// <param name="code">Why: <see cref="MessageLimits.TooLarge"/>, <see cref="Unreadable"/> or <see cref="Broken"/>.</param>
    /// <param name="message">Why, for the caller.</param>
    public static JsonRpcError For(RequestId id, int code, string message) =>
        new() { Id = id, Error = new JsonRpcErrorDetail { Code = code, Message = message, Data = Data } };

    /// <summary>Whether an error with this data is a stand-in, and not a server's own.</summary>
    public static bool Is(JsonElement? data) =>
        data is { ValueKind: JsonValueKind.Object } json && json.TryGetProperty(Mark, out var mark) && mark.ValueKind == JsonValueKind.True;
}
