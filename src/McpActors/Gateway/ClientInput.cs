using System.Text.Json;
using System.Text.Json.Nodes;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace McpActors.Gateway;

/// <summary>
/// Gets the input that a call asks for from a client of the legacy era, by requests on the stream of its call: elicitation, sampling and
/// roots. A client is asked only for what it declared in its handshake.
/// </summary>
internal static class ClientInput
{
    private static readonly string[] Relayed = ["elicitation", "sampling", "roots"];

    /// <summary>What a server may ask the client for, in the form of 2026-07-28.</summary>
    public static JsonObject CapabilitiesOf(McpServer client)
    {
        var relayed = new JsonObject();
        if (JsonSerializer.SerializeToNode(client.ClientCapabilities, McpJsonUtilities.DefaultOptions) is not JsonObject declared)
            return relayed;
        foreach (var name in Relayed)
        {
            if (declared[name] is { } capability)
                relayed[name] = capability.DeepClone();
        }
        return relayed;
    }

    /// <summary>Asks a client for all that a server needs.</summary>
    /// <param name="client">The client, by the stream of its call.</param>
    /// <param name="requests">The requests by their keys (<c>inputRequests</c>).</param>
    /// <param name="cancellation">Ends the wait for the client.</param>
    /// <returns>The results by the same keys (<c>inputResponses</c>).</returns>
    /// <exception cref="InputRefusedException">The client cannot be asked for it, or did not give it.</exception>
    public static async Task<JsonObject> AskAsync(McpServer client, JsonObject requests, CancellationToken cancellation)
    {
        var results = new JsonObject();
        foreach (var (key, request) in requests)
        {
            var method = ClientRequest.TextIn(request as JsonObject, "method") ?? "";
            if (!CanAnswer(client.ClientCapabilities, method, request!["params"] as JsonObject))
                throw new InputRefusedException($"{CallWords.Cut(method)}, which this client does not support");
            var asked = new JsonRpcRequest { Method = method, Params = request["params"]?.DeepClone() };
            try
            {
                results[key] = (await client.SendRequestAsync(asked, cancellation).ConfigureAwait(false)).Result?.DeepClone();
            }
            catch (McpException e)
            {
                throw new InputRefusedException($"{method}, and the client answered with an error: {e.Message}");
            }
        }
        return results;
    }

    // Obsolete for new servers; the clients of this era still have them.
#pragma warning disable MCP9005
    private static bool CanAnswer(ClientCapabilities? declared, string method, JsonObject? parameters) => method switch
    {
        RequestMethods.ElicitationCreate => declared?.Elicitation is { } elicitation
            && (ClientRequest.TextIn(parameters, "mode") != "url" || elicitation.Url is not null),
        RequestMethods.SamplingCreateMessage => declared?.Sampling is not null,
        RequestMethods.RootsList => declared?.Roots is not null,
        _ => false,
    };
#pragma warning restore MCP9005
}

/// <summary>A client did not give the input that a server asked for. The message completes "asks for".</summary>
internal sealed class InputRefusedException(string message) : Exception(message);
