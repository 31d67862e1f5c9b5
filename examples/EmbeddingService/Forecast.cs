using System.Text.Json;

namespace EmbeddingService;

/// <summary>Reads what the tool <c>forecast</c> answers: MCP's <c>CallToolResult</c> with structured content.</summary>
internal static class Forecast
{
    public static double Read(JsonElement result) => result.GetProperty("structuredContent").GetProperty("celsius").GetDouble();

    public static string CityOf(JsonElement result) => result.GetProperty("structuredContent").GetProperty("city").GetString()!;
}
