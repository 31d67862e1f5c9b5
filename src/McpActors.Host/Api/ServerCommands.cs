using McpActors.Host.Api.Contract;
using McpActors.Pool;

namespace McpActors.Host.Api;

/// <summary><c>POST /api/servers/{name}/…</c>: commands of an operator.</summary>
internal static class ServerCommands
{
    public static void MapServerCommands(this IEndpointRouteBuilder routes)
    {
        Map("connect", name => new ConnectServer(name), "Connect a disconnected or drained server; skip the wait before the next attempt");
        Map("disconnect", name => new DisconnectServer(name), "Close the connection at once and keep it closed; running calls are lost");
        Map("reconnect", name => new ReconnectServer(name), "Close the connection and open a new one without waiting");
        Map("drain", name => new DrainServer(name), "Send no new calls, finish running ones, then disconnect; replies at once");
        Map("isolate", name => new IsolateServer(name), "Hold the circuit open until it is reset; the connection stays");
        Map("reset", name => new ResetCircuit(name), "Close the circuit, forget its failures, and end the pause that the server asked for");

        void Map(string verb, Func<string, PoolCommand> command, string summary) =>
            routes.MapPost($"/api/servers/{{name}}/{verb}", (string name, IMcpPool pool, CancellationToken cancellationToken) =>
                    CommandAsync(pool, name, command(name), cancellationToken))
                .WithName(verb)
                .WithTags("Servers")
                .WithSummary(summary)
                .Produces<DoneReply>()
                .ProducesErrors(StatusCodes.Status404NotFound, StatusCodes.Status409Conflict);
    }

    /// <summary>Sends the pool a command about a server, and answers.</summary>
    public static async Task<IResult> CommandAsync(IMcpPool pool, string name, PoolCommand command, CancellationToken cancellationToken)
    {
        try
        {
            await pool.CommandAsync(command, cancellationToken);
            return Results.Json(new DoneReply(true), ApiJson.Strict.DoneReply);
        }
        catch (CommandRefusedException refused)
        {
            var status = await pool.GetStatusAsync(cancellationToken);
            var known = status.Servers.Any(server => server.Name == name);
            return Results.Json(
                ErrorReply.Of(known ? ErrorBody.Refused : nameof(PoolErrorKind.UnknownServer), refused.Message),
                ApiJson.Strict.ErrorReply,
                statusCode: known ? StatusCodes.Status409Conflict : StatusCodes.Status404NotFound);
        }
    }
}
