using System.Text.Json;

namespace McpActors.Host.Dashboard.Calling;

/// <summary>A call to be run by a page.</summary>
/// <param name="Tool">The tool.</param>
/// <param name="Arguments">Its arguments.</param>
/// <param name="Options">Where and how it may run.</param>
public sealed record CallRequest(string Tool, JsonElement Arguments, CallOptions Options);
