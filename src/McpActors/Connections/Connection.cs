using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using McpActors.Configuration;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace McpActors.Connections;

/// <summary>One live connection: the SDK's client and its transport, from the handshake to the end. Safe to use from any thread.</summary>
/// <param name="server">The server.</param>
/// <param name="client">The SDK's client, after its handshake.</param>
/// <param name="transport">The client's transport; closed with the connection.</param>
/// <param name="pinnedVersion">The revision that the client had to request by name; null when it negotiated one.</param>
internal sealed class Connection(ServerSettings server, McpClient client, IClientTransport transport, string? pinnedVersion)
{
    private const string FirstVersionWithoutPing = "2026-07-28";

    // The SDK counts up its own request ids from 1. Integers, because some gateways parse ids as such.
    private static long _lastRequestId = 1L << 40;

    public McpClient Client => client;

    /// <summary>Reads the server's catalogue.</summary>
    public CatalogueReader Catalogue { get; } = new(client, needsSubscription: IsModernVersion(client.NegotiatedProtocolVersion));

    /// <summary>The revision that the client had to request by name; null when it negotiated one.</summary>
    public string? PinnedVersion => pinnedVersion;

    public string ProtocolVersion { get; } = client.NegotiatedProtocolVersion ?? "";

    /// <summary>Whether the server identifies this client by a session, which it can lose.</summary>
    public bool HasSession => client.SessionId is not null;

    /// <summary>Whether the server keeps state between calls that ends with this connection.</summary>
    public bool IsStateful => HasSession || (!IsModern && !IsHttp);

    private bool IsModern => IsModernVersion(ProtocolVersion);

    private bool IsHttp => server.Uri?.Scheme is "http" or "https";

    public static RequestId NextRequestId() => new(Interlocked.Increment(ref _lastRequestId));

    /// <summary>Checks that the server is alive: any JSON-RPC answer, an error too, means that it is.</summary>
    /// <exception cref="Exception">The server did not answer within the time-out, or the transport failed.</exception>
    public async Task ProbeAsync(TimeSpan timeout)
    {
        using var timer = new CancellationTokenSource(timeout, TimeProvider.System);
        try
        {
            // 2026-07-28 removed ping; server/discover is the one request that every server of that revision answers.
            await client.SendRequestAsync(
                new JsonRpcRequest { Id = NextRequestId(), Method = IsModern ? RequestMethods.ServerDiscover : RequestMethods.Ping },
                timer.Token).ConfigureAwait(false);
        }
        catch (McpProtocolException e) when (!FailureClassifier.IsSessionLost(e, HasSession))
        {
            // An error is an answer.
        }
        catch (HttpRequestException e) when (FailureClassifier.SaysMethodIsUnknown(e))
        {
            // So is an error with HTTP 404, which servers send that do not know ping.
        }
        catch (OperationCanceledException) when (timer.IsCancellationRequested)
        {
            throw new TimeoutException(
                string.Create(CultureInfo.InvariantCulture, $"no answer to a probe within {timeout.TotalSeconds:0.#} s"));
        }
    }

    /// <summary>
    /// Reports to the server that a request is given up, where the SDK does not: on Streamable HTTP before 2026-07-28 it only closes the
    /// POST, which such a server must not treat as a cancellation.
    /// </summary>
    public async Task CancelOnServerAsync(RequestId id, TimeSpan timeout)
    {
        if (!IsHttp || IsModern)
            return;
        using var timer = new CancellationTokenSource(timeout, TimeProvider.System);
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

    /// <summary>Closes client, transport and process; gives up waiting after the time limit. Never fails.</summary>
    public async Task CloseAsync(TimeSpan limit)
    {
        try
        {
            await DisposeAsync().AsTask().WaitAsync(limit, TimeProvider.System).ConfigureAwait(false);
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

    private static bool IsModernVersion(string? version) => string.CompareOrdinal(version, FirstVersionWithoutPing) >= 0;
}
