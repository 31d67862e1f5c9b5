using McpActors;

namespace EmbeddingService;

/// <summary>Reads the structured result of the tool <c>forecast</c>.</summary>
internal static class Forecast
{
    public static double CelsiusOf(CallCompleted result) => result.StructuredContent!.Value.GetProperty("celsius").GetDouble();

    public static string CityOf(CallCompleted result) => result.StructuredContent!.Value.GetProperty("city").GetString()!;
}
