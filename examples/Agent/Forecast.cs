using System.Text.Json;
using McpActors.Transports;

namespace Agent;

/// <summary>The tool <c>forecast</c> as its servers describe it to a model.</summary>
internal static class Forecast
{
    public static MemoryToolOptions Options { get; } = new()
    {
        Description = "Tomorrow's weather in a city.",
        InputSchema = JsonSerializer.SerializeToElement(new
        {
            type = "object",
            properties = new { city = new { type = "string" } },
            required = new[] { "city" },
        }),
        ReadOnly = true,
    };
}
