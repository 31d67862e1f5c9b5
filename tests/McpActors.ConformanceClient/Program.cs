using McpActors;
using McpActors.Configuration;
using McpActors.ConformanceClient;
using McpActors.Hosting;
using McpActors.Pool;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

// The pool as the client under test of MCP's conformance suite: the suite starts this program with the URL of its server as the last
// argument and the scenario in the environment, and judges what arrives at that server.
var scenario = Environment.GetEnvironmentVariable("MCP_CONFORMANCE_SCENARIO");
if (args is [] || scenario is null || !Scenarios.All.TryGetValue(scenario, out var run))
{
    await Console.Error.WriteLineAsync(
        $"usage: MCP_CONFORMANCE_SCENARIO=SCENARIO McpActors.ConformanceClient URL\nscenarios: {string.Join(", ", Scenarios.All.Keys)}");
    return 2;
}

var builder = Host.CreateApplicationBuilder();
builder.Logging.ClearProviders().AddSimpleConsole(console => console.SingleLine = true);
builder.Services.AddMcpPool(new PoolSettings { Servers = [new ServerSettings { Name = Scenarios.Server, Uri = new Uri(args[^1]) }] });
using var host = builder.Build();
await host.StartAsync();
var code = 0;
try
{
    var pool = host.Services.GetRequiredService<IMcpPool>();
    await Scenarios.ConnectedAsync(pool);
    await run(pool);
}
catch (Exception e) when (e is McpPoolException or TimeoutException)
{
    await Console.Error.WriteLineAsync(e.Message);
    code = 1;
}

await host.StopAsync();
return code;
