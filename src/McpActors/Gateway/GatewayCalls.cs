using System.Text.Json;
using System.Text.Json.Nodes;
using McpActors.Pool;
using McpActors.Transports;
using ModelContextProtocol.Protocol;

namespace McpActors.Gateway;

/// <summary>
/// Runs the calls of clients in the pool. A call that asks for input is continued on the server that asked, and on no other: a client of
/// the modern era does it with its next request, one of the legacy era is asked while its request waits. Thread-safe.
/// </summary>
/// <param name="pool">The pool.</param>
/// <param name="seal">Seals what clients bring back.</param>
/// <param name="time">The clock for time limits.</param>
internal sealed class GatewayCalls(IMcpPool pool, StateSeal seal, TimeProvider time)
{
    private const string State = "requestState";
    private const string Requests = "inputRequests";
    private const string Responses = "inputResponses";

    /// <summary>How often one call may ask a client of the legacy era; as often as the SDK's client answers.</summary>
    private const int MostRounds = 10;

    /// <summary>The wait before a call that asked for nothing but to be repeated.</summary>
    private static readonly TimeSpan RepeatDelay = TimeSpan.FromSeconds(1);

    /// <summary>Runs a call.</summary>
    /// <param name="asked">The client's request.</param>
    /// <param name="group">The group that serves it.</param>
    /// <param name="name">The offered name, or URI.</param>
    /// <param name="rename">Sets the original name in the parameters.</param>
    /// <param name="cancellation">The client cancelled, or is gone.</param>
    public async Task<JsonRpcMessage> RunAsync(
        ClientRequest asked, string group, string name, Action<JsonObject> rename, CancellationToken cancellation)
    {
        // The SDK may read the parameters of the request again, so they stay as they are.
        var parameters = (JsonObject)asked.Request.Params!.DeepClone();
        EraShaping.Unwrap(parameters);
        rename(parameters);
        var options = new CallOptions { Group = group, TraceContext = asked.Trace };
        if (asked.Era == Era.Legacy)
            return await RunWithInputAsync(asked, parameters, options, cancellation).ConfigureAwait(false);
        if (asked.Text(State) is { } text)
        {
            if (seal.Open(text, asked.User, asked.Request.Method, name) is not { } state)
                return asked.Refuse(UnknownState);
            SetState(parameters, state.State);
            options = options with { Group = null, Server = state.Server };
        }
        var reply = await SendAsync(asked, parameters, options, cancellation).ConfigureAwait(false);
        if (InputOf(reply) is not { } input)
            return AnswerOf(asked, reply);
        input[State] = seal.Seal(ServerOf(reply), ClientRequest.TextIn(input, State), asked.User, asked.Request.Method, name);
        return asked.Answer(input);
    }

    private async Task<JsonRpcMessage> RunWithInputAsync(
        ClientRequest asked, JsonObject parameters, CallOptions options, CancellationToken cancellation)
    {
        if (ClientInput.CapabilitiesOf(asked.Client) is { Count: > 0 } capabilities)
            EraShaping.Declare(parameters, capabilities);
        for (var round = 0; ; round++)
        {
            var reply = await SendAsync(asked, parameters, options, cancellation).ConfigureAwait(false);
            if (InputOf(reply) is not { } input)
                return AnswerOf(asked, reply);
            var server = ServerOf(reply);
            try
            {
                if (round == MostRounds)
                    throw new InputRefusedException($"input again and again; it had it {MostRounds} times");
                SetState(parameters, ClientRequest.TextIn(input, State));
                parameters[Responses] = await GetInputAsync(asked, input, cancellation).ConfigureAwait(false);
            }
            catch (InputRefusedException e)
            {
                return asked.Refuse($"The server {server} asks for {e.Message}. The call did not complete.");
            }
            options = options with { Group = null, Server = server };
        }
    }

    private async Task<JsonObject> GetInputAsync(ClientRequest asked, JsonObject input, CancellationToken cancellation)
    {
        if (input[Requests] is not JsonObject { Count: > 0 } requests)
        {
            await Task.Delay(RepeatDelay, time, cancellation).ConfigureAwait(false);
            return [];
        }
        using var limit = new CancellationTokenSource(StateSeal.Lifetime, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            return await ClientInput.AskAsync(asked.Client, requests, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new InputRefusedException($"input, which the client has not given within {StateSeal.Lifetime.TotalMinutes:0} minutes");
        }
    }

    private async Task<CallReply> SendAsync(
        ClientRequest asked, JsonObject parameters, CallOptions options, CancellationToken cancellation)
    {
        var call = new Execute(asked.Request.Method, JsonSerializer.SerializeToElement(parameters, McpJson.Options), options);
        if (asked.ProgressToken is not { } token)
            return await pool.SendAsync(call, cancellation).ConfigureAwait(false);
        var progress = new ProgressRelay(asked.Client, token, cancellation);
        await using (progress.ConfigureAwait(false))
        {
            call = call with { Options = options with { Progress = progress } };
            return await pool.SendAsync(call, cancellation).ConfigureAwait(false);
        }
    }

    private static JsonRpcMessage AnswerOf(ClientRequest asked, CallReply reply)
    {
        switch (reply)
        {
            case CallCompleted { Result.ValueKind: JsonValueKind.Object } completed:
                return asked.Answer(JsonObject.Create(completed.Result)!);
            case CallCompleted completed:
                return new JsonRpcResponse { Id = asked.Request.Id, Result = JsonSerializer.SerializeToNode(completed.Result) };
            default:
                var failed = (CallFailed)reply;
                return asked.Request.Method == RequestMethods.ToolsCall && GatewayErrors.ToolResult(failed) is { } told
                    ? asked.Answer(told)
                    : asked.Refuse(GatewayErrors.Detail(failed, asked.Era));
        }
    }

    // The result of a call that asks for input; null for any other reply.
    private static JsonObject? InputOf(CallReply reply) =>
        reply is CallCompleted { Result: { ValueKind: JsonValueKind.Object } result } && EraShaping.AsksForInput(result)
            ? JsonObject.Create(result)
            : null;

    private static string ServerOf(CallReply reply) => ((CallCompleted)reply).Server;

    private static void SetState(JsonObject parameters, string? state)
    {
        if (state is null)
            parameters.Remove(State);
        else
            parameters[State] = state;
    }

    private static readonly string UnknownState =
        $"The requestState is none that this server gave for this call, or it is older than {StateSeal.Lifetime.TotalMinutes:0} minutes. "
        + "Call again without it.";
}
