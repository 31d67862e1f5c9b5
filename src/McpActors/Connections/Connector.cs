using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using McpActors.Configuration;
using McpActors.Transports;
using Microsoft.Extensions.Logging;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace McpActors.Connections;

/// <summary>Opens connections, at most <c>connect-concurrency</c> at a time over the whole pool. Safe to use from any thread.</summary>
[SuppressMessage("Design", "CA1001", Justification = "The semaphore needs no disposal: see _turns.")]
internal sealed class Connector(PoolSettings settings, TransportFactory transports, ILoggerFactory? logs)
{
    /// <summary>A slow server frees its place for the next one after this time, so that servers that hang never delay the others.</summary>
    private static readonly TimeSpan LongestTurn = TimeSpan.FromSeconds(2);

    // Newest first: a server that does not negotiate is asked for these in turn.
    private static readonly string[] LegacyVersions = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"];

    private static readonly Implementation ClientInfo =
        new() { Name = "McpActors", Version = typeof(Connector).Assembly.GetName().Version?.ToString(3) ?? "0" };

    // Never disposed: a semaphore whose wait handle is unused holds nothing, and connections may still be opening when the pool's settings
    // change.
    private readonly SemaphoreSlim _turns = new(settings.ConnectConcurrency);

    /// <summary>Connects, and completes the handshake.</summary>
    /// <param name="server">The server.</param>
    /// <param name="pinnedVersion">The revision that an earlier connection had to request by name; null to negotiate.</param>
    /// <param name="onNotification">Called with progress notifications and <c>list_changed</c>.</param>
    /// <param name="cancellation">Ends the attempt and everything it started.</param>
    public async Task<Connection> OpenAsync(
        ServerSettings server, string? pinnedVersion, Action<JsonRpcNotification> onNotification, CancellationToken cancellation)
    {
        await _turns.WaitAsync(cancellation).ConfigureAwait(false);
        var opening = OpenInTurnAsync(server, pinnedVersion, onNotification, cancellation);
        await Task.WhenAny(opening, Task.Delay(LongestTurn, TimeProvider.System, cancellation)).ConfigureAwait(false);
        _turns.Release();
        return await opening.ConfigureAwait(false);
    }

    public void Dispose() => _turns.Dispose();

    private async Task<Connection> OpenInTurnAsync(
        ServerSettings server, string? pinnedVersion, Action<JsonRpcNotification> onNotification, CancellationToken cancellation)
    {
        if ((server.ProtocolVersion ?? pinnedVersion) is { } version)
            return await OpenOnceAsync(server, version, onNotification, cancellation).ConfigureAwait(false);
        try
        {
            return await OpenOnceAsync(server, null, onNotification, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (IsConfusedByDiscover(server, e))
        {
            // Some servers exit on the unexpected server/discover, or send an invalid answer; a new connection uses initialize.
            return await OpenLegacyAsync(server, e, onNotification, cancellation).ConfigureAwait(false);
        }
    }

    private async Task<Connection> OpenLegacyAsync(
        ServerSettings server, Exception first, Action<JsonRpcNotification> onNotification, CancellationToken cancellation)
    {
        foreach (var version in LegacyVersions)
        {
            try
            {
                return await OpenOnceAsync(server, version, onNotification, cancellation).ConfigureAwait(false);
            }
            catch (McpException e) when (IsVersionMismatch(e))
            {
                // Try the next revision.
            }
            catch (Exception) when (!cancellation.IsCancellationRequested)
            {
                // Revisions are not the cause; the first error says more.
                break;
            }
        }
        throw new IOException($"the server did not complete a handshake of any MCP revision: {FailureClassifier.Words(first)}", first);
    }

    private async Task<Connection> OpenOnceAsync(
        ServerSettings server, string? version, Action<JsonRpcNotification> onNotification, CancellationToken cancellation)
    {
        var transport = transports.Create(server);
        try
        {
            // The SDK limits the handshake; starting a process and connecting a socket come on top.
            using var timer = new CancellationTokenSource(settings.ConnectTimeout + settings.CloseTimeout, TimeProvider.System);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timer.Token);
            var options = new McpClientOptions
            {
                ClientInfo = ClientInfo,
                ProtocolVersion = version,
                InitializationTimeout = settings.ConnectTimeout,
                DiscoverProbeTimeout =
                    settings.DiscoverTimeout < settings.ConnectTimeout ? settings.DiscoverTimeout : settings.ConnectTimeout,
                Handlers = { NotificationHandlers = HandlersFor(onNotification) },
            };
            var clientLogs = logs is null ? null : new DemotedLogs(logs, server.Name);
            var client = await McpClient.CreateAsync(transport, options, clientLogs, limit.Token).ConfigureAwait(false);
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
        Action<JsonRpcNotification> onNotification)
    {
        ValueTask Handle(JsonRpcNotification notification, CancellationToken _)
        {
            onNotification(notification);
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

    /// <summary>
    /// Whether a server answered with another revision than the one that the client requested by name. The SDK has no type for this error,
    /// only its text.
    /// </summary>
    internal static bool IsVersionMismatch(McpException e) => e.Message.Contains("protocol version mismatch", StringComparison.Ordinal);

    // A child process that ended or broke its pipes, in contrast to one that could not be started.
    private static bool IsConfusedByDiscover(ServerSettings server, Exception e) =>
        e is JsonException || (server.Command is not null && e is
            ClientTransportClosedException
            or IOException { InnerException: not System.ComponentModel.Win32Exception } and not FileNotFoundException);
}
