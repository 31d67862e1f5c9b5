// An agent whose tools are those of a pool of MCP servers. The model is a script, so the example needs no account; with a real model, put
// its IChatClient in place of ScriptedModel and change nothing else.
//
//     dotnet run --project examples/Agent
//
// One of the two weather servers fails; the model does not see the failure, because the pool moves the call to the other server.
using Agent;
using McpActors;
using McpActors.Configuration;
using McpActors.Hosting;
using McpActors.Pool;
using McpActors.Transports;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

// Servers in this process. A server of your own has an address (Uri = new("https://…")) or a Command.
var servers = new MemoryServers();
servers.Add("weather-1").Tool("forecast", () => throw new InvalidOperationException("the station is down"), Forecast.Options);
servers.Add("weather-2").Tool("forecast", call => new { city = call["city"], celsius = -4, snow = true }, Forecast.Options);

var builder = Host.CreateApplicationBuilder(args);
builder.Logging.ClearProviders();
builder.Services.AddMcpPool(
    new PoolSettings
    {
        Servers =
        [
            new() { Name = "weather-1", Uri = new("memory://weather-1"), Priority = 1 },
            new() { Name = "weather-2", Uri = new("memory://weather-2"), Priority = 2 },
        ],
    },
    options => options.MemoryServers = servers);
using var host = builder.Build();
await host.StartAsync();
var pool = host.Services.GetRequiredService<IMcpPool>();
await WaitForCatalogueAsync(pool);

// The three lines that matter: the pool's tools, a chat client that calls them, a question.
var options = new ChatOptions { Tools = [.. await pool.GetToolsAsync(new CallOptions { Mode = CallMode.Failover })] };
using var chat = new ScriptedModel().AsBuilder().UseFunctionInvocation().Build();
const string Question = "What should I wear in Oslo tomorrow?";
Console.WriteLine($"user:  {Question}");
var response = await chat.GetResponseAsync(Question, options);

foreach (var content in response.Messages.SelectMany(message => message.Contents))
{
    Console.WriteLine(content switch
    {
        FunctionCallContent call => $"model: {call.Name}({string.Join(", ", call.Arguments?.Select(a => $"{a.Key}: {a.Value}") ?? [])})",
        FunctionResultContent result => $"tool:  {result.Result}",
        _ => $"model: {content}",
    });
}

var status = await pool.GetStatusAsync();
var counts = status.Servers.Select(server => $"{server.Name} {server.Calls} calls, {server.Failures} failed");
Console.WriteLine($"pool:  {string.Join(", ", counts)}");
await host.StopAsync();

// Servers connect in the background: an agent that lists its tools at its start first waits until each server has listed them.
static async Task WaitForCatalogueAsync(IMcpPool pool)
{
    using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
    while ((await pool.GetStatusAsync()).Servers.Any(server => server.Tools is null))
        await tick.WaitForNextTickAsync();
}
