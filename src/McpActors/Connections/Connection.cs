using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using McpActors.Configuration;
using McpActors.Transports;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace McpActors.Connections;

/// <summary>One live connection: the SDK's client and its transport, from the handshake to the end. Safe to use from any thread.</summary>
/// <param name="server">The server.</param>
/// <param name="client">The SDK's client, after its handshake.</param>
/// <param name="transport">The client's transport; closed with the connection.</param>
/// <param name="pinnedVersion">The revision that the client had to request by name; null when it negotiated one.</param>
/// <param name="ids">The ids of its requests.</param>
/// <param name="redactor">Removes the server's secrets from what it says of itself.</param>
/// <param name="time">The clock for time limits.</param>
internal sealed class Connection(
    ServerSettings server,
    McpClient client,
    IClientTransport transport,
    string? pinnedVersion,
    RequestIds ids,
    CurrentRedactor redactor,
    TimeProvider time)
{
    public McpClient Client => client;

    /// <summary>The ids of the requests on this connection.</summary>
    public RequestIds Ids { get; } = ids;

    /// <summary>Reads the server's catalogue.</summary>
    public CatalogueReader Catalogue { get; } =
        new(client, ids, Revisions.IsModern(client.NegotiatedProtocolVersion), redactor, time);

    /// <summary>The revision that the client had to request by name; null when it negotiated one.</summary>
    public string? PinnedVersion => pinnedVersion;

    public string ProtocolVersion { get; } = client.NegotiatedProtocolVersion ?? "";

    /// <summary>The name that the server gives itself; null when it does not say.</summary>
    public string? ServerName { get; } = Known(Said(() => client.ServerInfo?.Name));

    /// <summary>The version that the server gives itself; null when it does not say.</summary>
    public string? ServerVersion { get; } = Known(Said(() => client.ServerInfo?.Version));

    /// <summary>Whether the server identifies this client by a session, which it can lose.</summary>
    public bool HasSession => client.SessionId is not null;

    /// <summary>Whether the server keeps state between calls that ends with this connection.</summary>
    public bool IsStateful => HasSession || (!IsModern && !IsHttp);

    /// <summary>Whether it speaks 2026-07-28 or later, where a request says itself what its client can do.</summary>
    public bool IsModern => Revisions.IsModern(ProtocolVersion);

    /// <summary>Whether each message is a request of its own, so that the end of a session holds nobody up.</summary>
    public bool IsHttp => server.Uri?.Scheme is "http" or "https";

    /// <summary>Checks that the server is alive: any answer, an error too, means that it is.</summary>
    /// <param name="timeout">The time for an answer.</param>
    /// <param name="ping">How the server answers ping, as far as known.</param>
    /// <exception cref="Exception">The server did not answer within the time-out, or the transport failed.</exception>
    public async Task<ProbeAnswer> ProbeAsync(TimeSpan timeout, PingMemory ping)
    {
        // 2026-07-28 removed ping; server/discover is the one request that every server of that revision answers.
        if (IsModern)
            return await AskForLifeAsync(RequestMethods.ServerDiscover, timeout).ConfigureAwait(false);
        Exception? refusal = null;
        if (!ping.IsIgnored)
        {
            try
            {
                var answer = await AskForLifeAsync(RequestMethods.Ping, timeout).ConfigureAwait(false);
                ping.NoteAnswer();
                return answer;
            }
            catch (Exception e) when (!ping.IsAnswered)
            {
                // It proves nothing: perhaps the server ignores ping.
                refusal = e;
            }
        }
        var other = await AskForLifeAsync(RequestMethods.ToolsList, timeout).ConfigureAwait(false);
        return other with { IsFirstWithoutPing = refusal is not null && ping.NoteRefusal(refusal) };
    }

    private async Task<ProbeAnswer> AskForLifeAsync(string method, TimeSpan timeout)
    {
        using var timer = new CancellationTokenSource(timeout, time);
        try
        {
            await AskAsync(method, timer.Token).ConfigureAwait(false);
            return default;
        }
        catch (Exception e) when (FailureClassifier.IsLife(e) && !SessionEvidence.IsLost(e, HasSession))
        {
            return new ProbeAnswer((e as HttpRefusedException)?.RetryAfter);
        }
        catch (OperationCanceledException) when (timer.IsCancellationRequested)
        {
            throw new TimeoutException(
                string.Create(CultureInfo.InvariantCulture, $"no answer to a probe within {timeout.TotalSeconds:0.#} s"));
        }
    }

    /// <summary>Whether probes show that it was the session for which the server refused a request. Never fails.</summary>
    /// <param name="doubtful">The refusal, which does not show it (<see cref="SessionVerdict.Doubtful"/>).</param>
    /// <param name="timeout">The time for each probe.</param>
    /// <param name="ping">How the server answers ping, as far as known.</param>
    public async Task<bool> ConfirmsSessionLossAsync(Exception doubtful, TimeSpan timeout, PingMemory ping)
    {
        if (!ping.IsIgnored)
        {
            var refusal = await RefusalAsync(RequestMethods.Ping, timeout).ConfigureAwait(false);
            if (refusal is not null && SessionEvidence.Confirms(doubtful, refusal))
                return true;
            // A ping is allowed without a session, and some servers ignore it.
            if (refusal is null && !SessionEvidence.SpeaksOfIt(doubtful))
                return false;
        }
        var list = await RefusalAsync(RequestMethods.ToolsList, timeout).ConfigureAwait(false);
        return list is not null && SessionEvidence.Confirms(doubtful, list);
    }

    private async Task<Exception?> RefusalAsync(string method, TimeSpan timeout)
    {
        using var timer = new CancellationTokenSource(timeout, time);
        try
        {
            await AskAsync(method, timer.Token).ConfigureAwait(false);
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }

    private Task<JsonRpcResponse> AskAsync(string method, CancellationToken cancellationToken) =>
        Ids.AskAsync(client, method, parameters: null, cancellationToken);

    /// <summary>
    /// Reports to the server that a request is given up, where the SDK does not: on Streamable HTTP before 2026-07-28 it only closes the
    /// POST, which such a server must not treat as a cancellation.
    /// </summary>
    public async Task CancelOnServerAsync(RequestId id, TimeSpan timeout)
    {
        if (!IsHttp || IsModern)
            return;
        using var timer = new CancellationTokenSource(timeout, time);
        try
        {
            await client.SendMessageAsync(
                new JsonRpcNotification
                {
                    Method = NotificationMethods.CancelledNotification,
                    Params = new JsonObject { ["requestId"] = JsonSerializer.SerializeToNode(id.Id) },
                },
                timer.Token).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The attempt has been answered already, and probes detect a server that cannot be reached.
        }
    }

    /// <summary>Completes when the client has ended. Never fails.</summary>
    public async Task<ConnectionEnd> EndAsync()
    {
        try
        {
            var details = await client.Completion.ConfigureAwait(false);
            var isSessionLost = HasSession && details is HttpClientCompletionDetails { HttpStatusCode: HttpStatusCode.NotFound };
            return new ConnectionEnd(CompletionWords.Of(details), isSessionLost);
        }
        catch (Exception e)
        {
            return new ConnectionEnd(FailureClassifier.Words(e), IsSessionLost: false);
        }
    }

    /// <summary>Closes client, transport and process; gives up waiting after the time limit. Never fails.</summary>
    public async Task CloseAsync(TimeSpan limit)
    {
        try
        {
            await DisposeAsync().AsTask().WaitAsync(limit, time).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // A broken connection may fail to close; the cause was reported when it broke.
        }
    }

    private async ValueTask DisposeAsync()
    {
        try
        {
            await client.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            if (transport is IAsyncDisposable disposable)
                await disposable.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Reads what the server said in its handshake; null where the SDK throws, because it said nothing.</summary>
    internal static T? Said<T>(Func<T?> read) where T : class
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static string? Known(string? text) => string.IsNullOrEmpty(text) ? null : text;
}

/// <summary>How a client ended.</summary>
/// <param name="Reason">Why, for people.</param>
/// <param name="IsSessionLost">The server is alive and only lost the session.</param>
internal sealed record ConnectionEnd(string Reason, bool IsSessionLost);
