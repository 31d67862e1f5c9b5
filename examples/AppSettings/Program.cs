// A web service whose pool of MCP servers is configured in appsettings.json. Edit the file while it runs: the pool takes over the change.
//
//     dotnet run --project examples/AppSettings
//     curl http://127.0.0.1:5081/time/Europe/Rome
//
// Every key can also come from the environment (McpPool__CallTimeout=5s) or from user secrets.
using McpActors;
using McpActors.Hosting;
using McpActors.Pool;
using McpActors.Transports;

var builder = WebApplication.CreateBuilder(args);
builder.WebHost.UseUrls(builder.Configuration["urls"] ?? "http://127.0.0.1:5081");
builder.Services.AddMcpPool(builder.Configuration.GetSection("McpPool"), options => options.MemoryServers = Clocks());

var app = builder.Build();

app.MapGet("/time/{**zone}", async (string zone, IMcpPool pool, CancellationToken cancelled) =>
{
    try
    {
        var result = await pool.CallToolAsync("timeIn", new { zone }, cancellationToken: cancelled);
        return result.IsError ? Results.BadRequest(result.Text) : Results.Ok(new { time = result.Text, result.Server });
    }
    catch (McpPoolException e) when (e.Kind == PoolErrorKind.OutcomeUnknown)
    {
        // Clients and proxies repeat a request after 503 by themselves; after 409 they do not.
        return Results.Problem(e.Message, statusCode: StatusCodes.Status409Conflict);
    }
    catch (McpPoolException e)
    {
        return Results.Problem(e.Message, statusCode: StatusCodes.Status503ServiceUnavailable);
    }
});

app.Run();

// Two servers in this process, so that the example needs nothing else. Yours have an address ("Uri": "https://…") or a "Command".
static MemoryServers Clocks()
{
    var servers = new MemoryServers();
    foreach (var name in (string[])["clock-1", "clock-2"])
    {
        servers.Add(name).Tool("timeIn", call => TimeZoneInfo.TryFindSystemTimeZoneById(call["zone"].GetString()!, out var zone)
            ? TimeZoneInfo.ConvertTime(TimeProvider.System.GetUtcNow(), zone).ToString("HH:mm", null)
            : MemoryAnswer.ToolError($"There is no time zone {call["zone"]}."));
    }
    return servers;
}
