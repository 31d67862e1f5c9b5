namespace McpActors.Host.Tests;

public class ExampleTests
{
    [Fact]
    public async Task The_agent_gets_its_answer_although_a_server_fails()
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

        var output = await Dotnet.RunAsync(
            Path.GetTempPath(), Repository.At("examples", "Agent", "bin", configuration, "net10.0", "Agent.dll"));

        Assert.Contains("model: forecast(city: Oslo)", output, StringComparison.Ordinal);
        Assert.Contains("model: -4 degrees and snow: a winter coat and boots.", output, StringComparison.Ordinal);
        Assert.Contains("weather-1 1 calls, 1 failed, weather-2 1 calls, 0 failed", output, StringComparison.Ordinal);
    }
}
