// A web service with actors of its own that embeds a pool of MCP servers and uses it in both ways:
// one city through IMcpPool, the comparison of several cities by messages from an actor.
//
//     dotnet run --project examples/EmbeddingService
//     curl http://127.0.0.1:5080/forecasts/Oslo
//     curl http://127.0.0.1:5080/warmest?cities=Oslo,Rome,Cairo
//
// On Ctrl-C the pool drains, then the service ends.
using Akka.Actor;
using Akka.Hosting;
using EmbeddingService;
using McpActors;
using McpActors.Configuration;
using McpActors.Hosting;
using McpActors.Pool;

var builder = WebApplication.CreateBuilder(args);
builder.WebHost.UseUrls(builder.Configuration["urls"] ?? "http://127.0.0.1:5080");

// Two servers in this process, so that the example needs nothing else. A server of your own has an address (Uri = new("https://…")) or a
// Command.
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
    .ConfigureLoggers(loggers => loggers.AddCategoryLogger())
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
        var result = await pool.CallToolAsync("forecast", new { city }, cancellationToken: cancelled);
        return Results.Ok(new { city, celsius = Forecast.CelsiusOf(result), result.Server });
    }
    catch (McpPoolException e)
    {
        // A forecast is safe to repeat, so the pool has tried every server by now. The message holds no secret.
        return Results.Problem(e.Message, statusCode: StatusCodes.Status503ServiceUnavailable);
    }
});

app.MapGet("/warmest", async (string cities, IRequiredActor<WarmestActor> warmest, CancellationToken cancelled) =>
{
    var answer = await warmest.ActorRef.Ask<WarmestAnswer>(new WarmestQuestion([.. cities.Split(',')]), cancelled);
    return Results.Ok(answer);
});

app.Run();
