using System.Net;
using System.Net.Sockets;
using McpActors.Configuration;
using McpActors.Configuration.Hocon;
using McpActors.Host.Api.Contract;
using McpActors.Host.Reloading;
using McpActors.Host.Settings;
using McpActors.Pool;
using McpActors.Transports;

namespace McpActors.Host.Api;

/// <summary><c>POST /api/servers</c> and <c>DELETE /api/servers/{name}</c>: adds and removes servers while the pool runs.</summary>
internal static class ServerMembership
{
    /// <summary>The most characters of a host name (RFC 1035).</summary>
    private const int LongestHost = 253;

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

    private static async Task<IResult> AddAsync(
        HttpContext context, IMcpPool pool, HostSettings settings, ConfigurationReloader reloader, AddedServers added)
    {
        AddServerRequest request;
        Uri uri;
        try
        {
            request = await RequestBody.ReadAsync(context.Request, ApiJson.Strict.AddServerRequest, context.RequestAborted);
            if (!Uri.TryCreate(request.Uri, UriKind.Absolute, out var parsed) || parsed.Scheme is not ("http" or "https" or "ws" or "wss"))
                throw new InvalidBodyException("Field 'uri' must be a URL that begins with http://, https://, ws:// or wss://.");
            uri = parsed;
            if (uri.IdnHost.Length > LongestHost)
                throw new InvalidBodyException($"Field 'uri' names a host of more than {LongestHost} characters.");
            if (request.Transport is { } transport && !AddServerRequest.Transports.ContainsKey(transport))
                throw new InvalidBodyException($"Field 'transport' must be one of {string.Join(", ", AddServerRequest.Transports.Keys)}.");
            if (Problems(request.ToSettings(uri)) is { Length: > 0 } problems)
                throw new InvalidBodyException(problems);
        }
        catch (InvalidBodyException e)
        {
            return Refuse(nameof(PoolErrorKind.InvalidRequest), e.Message, e.Status);
        }
        var addresses = await AddressesOfAsync(uri, context.RequestAborted);
        if (new AllowedTargets(settings.AllowedTargets).Problem(uri.IdnHost, addresses) is { } problem)
            return Refuse(ErrorBody.Refused, problem, StatusCodes.Status403Forbidden);
        using var turn = await added.TurnAsync(context.RequestAborted);
        if (await AddedServers.ProblemAsync(pool, reloader.Configured, settings.MaxAddedServers, context.RequestAborted) is { } full)
            return Refuse(ErrorBody.Refused, full, StatusCodes.Status409Conflict);
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

    // Each problem with the field of the request it is about.
    private static string Problems(ServerSettings server)
    {
        var problems = new List<SettingsProblem>();
        ServerRules.Check(server, problems);
        var path = KeyPath.OfServer(server.Name);
        return string.Join(' ', problems.Select(problem => $"Field '{Field(problem.Path[path.Length..])}': {problem.Message}."));

        static string Field(string key) => key.TrimStart('.') switch
        {
            "" => "name",
            "max-in-flight" => "maxInFlight",
            "max-queue" => "maxQueue",
            "protocol-version" => "protocolVersion",
            "auth.token" => "token",
            var other => other,
        };
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
