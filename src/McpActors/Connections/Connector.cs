using System.Text.Json;
using McpActors.Configuration;
using McpActors.Transports;
using Microsoft.Extensions.Logging;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace McpActors.Connections;

/// <summary>Opens connections, at most <c>connect-concurrency</c> at a time over the whole pool. Safe to use from any thread.</summary>
internal sealed class Connector(PoolSettings settings, TransportFactory transports, ILoggerFactory? logs) : IDisposable
{
    /// <summary>A server that is slow to answer gives its place to the next after this long, so that hanging ones never hold up the others.</summary>
    private static readonly TimeSpan LongestTurn = TimeSpan.FromSeconds(2);

    // From the newest: a server that must be asked for a revision by name is asked for these in turn.
    private static readonly string[] LegacyVersions = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"];

    private static readonly Implementation ClientInfo = new() { Name = "McpActors", Version = typeof(Connector).Assembly.GetName().Version?.ToString(3) ?? "0" };

    private readonly SemaphoreSlim _turns = new(settings.ConnectConcurrency);

    /// <summary>Connects and shakes hands.</summary>
    /// <param name="server">The server.</param>
    /// <param name="rememberedVersion">The revision an earlier connection to it had to be pinned to.</param>
    /// <param name="notified">Told of each notification of the server that matters: what it offers has changed, or a progress report.</param>
    /// <param name="cancellation">Ends the attempt, and everything it started.</param>
    public async Task<Connection> OpenAsync(
        ServerSettings server, string? rememberedVersion, Action<JsonRpcNotification> notified, CancellationToken cancellation)
    {
        await _turns.WaitAsync(cancellation).ConfigureAwait(false);
        var opening = OpenInTurnAsync(server, rememberedVersion, notified, cancellation);
        await Task.WhenAny(opening, Task.Delay(LongestTurn, TimeProvider.System, cancellation)).ConfigureAwait(false);
        _turns.Release();
        return await opening.ConfigureAwait(false);
    }

    public void Dispose() => _turns.Dispose();

    private async Task<Connection> OpenInTurnAsync(
        ServerSettings server, string? rememberedVersion, Action<JsonRpcNotification> notified, CancellationToken cancellation)
    {
        if ((server.ProtocolVersion ?? rememberedVersion) is { } pinned)
            return await OpenOnceAsync(server, pinned, notified, cancellation).ConfigureAwait(false);
        try
        {
            return await OpenOnceAsync(server, null, notified, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (IsConfusedByDiscover(server, e))
        {
            // Some servers exit on the unexpected server/discover, or answer it with nonsense; a fresh one is asked the old way.
            return await OpenLegacyAsync(server, e, notified, cancellation).ConfigureAwait(false);
        }
    }

    private async Task<Connection> OpenLegacyAsync(
        ServerSettings server, Exception first, Action<JsonRpcNotification> notified, CancellationToken cancellation)
    {
        foreach (var version in LegacyVersions)
        {
            try
            {
                return await OpenOnceAsync(server, version, notified, cancellation).ConfigureAwait(false);
            }
            catch (McpException e) when (e.Message.Contains("protocol version mismatch", StringComparison.Ordinal))
            {
                // The SDK accepts only the revision it asked for, so the next one is tried.
            }
            catch (Exception) when (!cancellation.IsCancellationRequested)
            {
                // Not a matter of revisions after all: what it said at first tells more.
                break;
            }
        }
        throw new IOException($"the server did not complete a handshake of any MCP revision: {FailureClassifier.Words(first)}", first);
    }

    private async Task<Connection> OpenOnceAsync(
        ServerSettings server, string? version, Action<JsonRpcNotification> notified, CancellationToken cancellation)
    {
        var transport = transports.Create(server);
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            // The SDK bounds the handshake; starting a process and connecting a socket come on top.
            limit.CancelAfter(settings.ConnectTimeout + settings.CloseTimeout);
            var options = new McpClientOptions
            {
                ClientInfo = ClientInfo,
                ProtocolVersion = version,
                InitializationTimeout = settings.ConnectTimeout,
                DiscoverProbeTimeout = settings.DiscoverTimeout < settings.ConnectTimeout ? settings.DiscoverTimeout : settings.ConnectTimeout,
                Handlers = { NotificationHandlers = HandlersFor(notified) },
            };
            var client = await McpClient.CreateAsync(transport, options, logs is null ? null : new DemotedLogs(logs, server.Name), limit.Token).ConfigureAwait(false);
            return new Connection(server, client, transport, version);
        }
        catch (Exception e)
        {
            if (transport is IAsyncDisposable disposable)
                await disposable.DisposeAsync().ConfigureAwait(false);
            if (e is OperationCanceledException && !cancellation.IsCancellationRequested)
                throw new TimeoutException($"no connection within {settings.ConnectTimeout.TotalSeconds:0.#} s", e);
            throw;
        }
    }

    private static IEnumerable<KeyValuePair<string, Func<JsonRpcNotification, CancellationToken, ValueTask>>> HandlersFor(
        Action<JsonRpcNotification> notified)
    {
        ValueTask Handle(JsonRpcNotification notification, CancellationToken _)
        {
            notified(notification);
            return ValueTask.CompletedTask;
        }

        return
        [
            new(NotificationMethods.ProgressNotification, Handle),
            new(NotificationMethods.ToolListChangedNotification, Handle),
            new(NotificationMethods.ResourceListChangedNotification, Handle),
            new(NotificationMethods.PromptListChangedNotification, Handle),
        ];
    }

    // A child process that ended or broke its pipes, as against one that could not be started.
    private static bool IsConfusedByDiscover(ServerSettings server, Exception e) =>
        e is JsonException
        || (server.Command is not null
            && e is ClientTransportClosedException or IOException { InnerException: not System.ComponentModel.Win32Exception } and not FileNotFoundException);
}
