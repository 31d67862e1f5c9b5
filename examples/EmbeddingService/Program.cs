// A web service with actors of its own that embeds a pool of MCP servers, and asks it in both ways:
// the page of one city through IMcpPool, the comparison of several by messages from an actor.
//
//     dotnet run --project examples/EmbeddingService
//     curl http://127.0.0.1:5080/forecasts/Oslo
//     curl http://127.0.0.1:5080/warmest?cities=Oslo,Rome,Cairo
//
// Ctrl-C ends it: the pool drains first.
using System.Text.Json;
using Akka.Actor;
using Akka.Hosting;
using EmbeddingService;
using McpActors;
using McpActors.Configuration;
using McpActors.Hosting;
using McpActors.Pool;

var builder = WebApplication.CreateBuilder(args);
builder.WebHost.UseUrls(builder.Configuration["urls"] ?? "http://127.0.0.1:5080");

// Two servers in this process, so that the example needs nothing else. Yours have an address (Uri = new("https://…")) or a Command.
var settings = new PoolSettings
{
    LoadBalancing = "least-connections",
    Servers =
    [
        new() { Name = "weather-north", Uri = new("memory://weather-north"), Group = "weather" },
        new() { Name = "weather-south", Uri = new("memory://weather-south"), Group = "weather" },
    ],
    Routes = [new() { Match = "forecast", Group = "weather" }],
};

builder.Services.AddAkka("forecasts", akka => akka
    .WithMcpPool(settings, options => options.MemoryServers = WeatherServers.Create())
    .WithActors((system, registry, resolver) =>
        registry.Register<WarmestActor>(system.ActorOf(resolver.Props<WarmestActor>(), "warmest"))));
builder.Services.AddMcpPoolClient();
builder.Services.AddHealthChecks().AddMcpPoolChecks("weather");

var app = builder.Build();

app.MapHealthChecks("/health");

app.MapGet("/forecasts/{city}", async (string city, IMcpPool pool, CancellationToken cancelled) =>
{
    try
    {
        var executed = await pool.CallToolAsync("forecast", JsonSerializer.SerializeToElement(new { city }), cancellationToken: cancelled);
        return Results.Ok(new { city, celsius = Forecast.Read(executed.Result), executed.Server });
    }
    catch (McpPoolException e)
    {
        // A forecast is only read, so the pool has tried every server by now. What the error says is fit for a log and for an operator.
        return Results.Problem(e.Message, statusCode: StatusCodes.Status503ServiceUnavailable);
    }
});

app.MapGet("/warmest", async (string cities, IRequiredActor<WarmestActor> warmest, CancellationToken cancelled) =>
{
    var answer = await warmest.ActorRef.Ask<WarmestAnswer>(new WarmestQuestion([.. cities.Split(',')]), cancelled);
    return Results.Ok(answer);
});

app.Run();
