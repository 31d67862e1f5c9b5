using System.Net;
using System.Net.Sockets;
using McpActors.Host.Api.Contract;
using McpActors.Host.Security;
using McpActors.Host.Settings;
using McpActors.Pool;
using McpActors.Transports;

namespace McpActors.Host.Api;

/// <summary><c>POST /api/servers</c> and <c>DELETE /api/servers/{name}</c>: adds and removes servers while the pool runs.</summary>
internal static class ServerMembership
{
    public static void MapServerMembership(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/servers", AddAsync)
            .WithName("add")
            .WithTags("Servers")
            .WithSummary("Add a server by its URL")
            .WithDescription(
                "The server stays until this worker stops; to make it permanent, add it to the configuration file. Its hints on tools " +
                "(readOnlyHint, idempotentHint) are not trusted. Its address must match mcp-actors.host.allowed-targets; link-local " +
                "and cloud metadata addresses are always refused.")
            .Accepts<AddServerRequest>("application/json", "*/*")
            .Produces<DoneReply>()
            .ProducesErrors(StatusCodes.Status400BadRequest, StatusCodes.Status403Forbidden, StatusCodes.Status409Conflict);
        routes.MapDelete("/api/servers/{name}", (string name, IMcpPool pool, CancellationToken cancellation) =>
                ServerCommands.CommandAsync(pool, name, new RemoveServer(name), cancellation))
            .WithName("remove")
            .WithTags("Servers")
            .WithSummary("Drain a server and remove it from the pool")
            .Produces<DoneReply>()
            .ProducesErrors(StatusCodes.Status404NotFound, StatusCodes.Status409Conflict);
    }

    private static async Task<IResult> AddAsync(HttpContext context, IMcpPool pool, HostSettings settings)
    {
        AddServerRequest request;
        Uri uri;
        try
        {
            request = await RequestBody.ReadAsync(context.Request, ApiJson.Strict.AddServerRequest, context.RequestAborted);
            if (!Uri.TryCreate(request.Uri, UriKind.Absolute, out var parsed) || parsed.Scheme is not ("http" or "https" or "ws" or "wss"))
                throw new InvalidBodyException("Field 'uri' must be a URL that begins with http://, https://, ws:// or wss://.");
            uri = parsed;
        }
        catch (InvalidBodyException e)
        {
            return Refuse(nameof(PoolErrorKind.InvalidRequest), e.Message, e.Status);
        }
        if (new AllowedTargets(settings.AllowedTargets).Problem(uri, await AddressesOfAsync(uri, context.RequestAborted)) is { } problem)
            return Refuse(ErrorBody.Refused, problem, StatusCodes.Status403Forbidden);
        try
        {
            await pool.CommandAsync(new AddServer(request.ToSettings(uri)), context.RequestAborted);
            return Results.Json(new DoneReply(true), ApiJson.Strict.DoneReply);
        }
        catch (CommandRefusedException refused)
        {
            return Refuse(ErrorBody.Refused, refused.Message, StatusCodes.Status409Conflict);
        }
    }

    // A name that cannot be resolved now may be resolved later; the connection checks again.
    private static async Task<IReadOnlyList<IPAddress>> AddressesOfAsync(Uri uri, CancellationToken cancellation)
    {
        try
        {
            return await TargetGuard.AddressesOfAsync(uri.DnsSafeHost, cancellation);
        }
        catch (SocketException)
        {
            return [];
        }
    }

    private static IResult Refuse(string kind, string message, int status) =>
        Results.Json(ErrorReply.Of(kind, message), ApiJson.Strict.ErrorReply, statusCode: status);
}
