using McpActors.Transports;

namespace EmbeddingService;

/// <summary>Two interchangeable MCP servers in this process. They compute a temperature from the letters of the city.</summary>
internal static class WeatherServers
{
    public static MemoryServers Create()
    {
        var servers = new MemoryServers();
        foreach (var name in new[] { "weather-north", "weather-south" })
            servers.Add(name).Tool("forecast", Answer, new() { Description = "Tomorrow's temperature in a city.", ReadOnly = true });
        return servers;
    }

    private static object Answer(MemoryCall call)
    {
        var city = call["city"].GetString()!;
        return new { city, celsius = (city.Sum(letter => letter) % 400) / 10.0 };
    }
}
