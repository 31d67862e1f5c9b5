using McpActors.Configuration;
using McpActors.Transports;
using Microsoft.Extensions.Logging;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace McpActors.Connections;

/// <summary>Opens connections, at most <c>connect-concurrency</c> at a time over the whole pool. Safe to use from any thread.</summary>
internal sealed class Connector(PoolSettings settings, TransportFactory transports, ILoggerFactory? logs, TimeProvider? time = null)
{
    private static readonly Implementation ClientInfo =
        new() { Name = "McpActors", Version = typeof(Connector).Assembly.GetName().Version?.ToString(3) ?? "0" };

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly ConnectTurns _turns = new(settings.ConnectConcurrency);

    /// <summary>Connects, and completes the handshake.</summary>
    /// <param name="opening">What to open.</param>
    /// <param name="cancellation">Ends the attempt and everything it started.</param>
    public async Task<Connection> OpenAsync(Opening opening, CancellationToken cancellation)
    {
        if (opening.Server.Misconfigured is { } problem)
            throw new MisconfiguredServerException(problem);
        await _turns.EnterAsync(opening.HasFailed, cancellation).ConfigureAwait(false);
        Task<Connection> connection;
        try
        {
            connection = OpenInTurnAsync(opening, cancellation);
            await Task.WhenAny(connection, Task.Delay(_turns.Turn, _time, cancellation)).ConfigureAwait(false);
        }
        finally
        {
            _turns.Leave();
        }
        return await connection.ConfigureAwait(false);
    }

    private async Task<Connection> OpenInTurnAsync(Opening opening, CancellationToken cancellation)
    {
        if ((opening.Server.ProtocolVersion ?? opening.PinnedVersion) is { } version)
            return await OpenOnceAsync(opening, version, cancellation).ConfigureAwait(false);
        try
        {
            return await OpenOnceAsync(opening, null, cancellation).ConfigureAwait(false);
        }
        catch (HandshakeConfusedException e)
        {
            return await OpenLegacyAsync(opening, e.InnerException!, cancellation).ConfigureAwait(false);
        }
    }

    private async Task<Connection> OpenLegacyAsync(Opening opening, Exception first, CancellationToken cancellation)
    {
        McpException? mismatch = null;
        // A server that does not negotiate is asked for each, the newest first.
        foreach (var version in Revisions.WithInitialize.Reverse())
        {
            try
            {
                return await OpenOnceAsync(opening, version, cancellation).ConfigureAwait(false);
            }
            catch (McpException e) when (IsVersionMismatch(e))
            {
                mismatch = e;
            }
            catch (Exception e) when (e is not ClientTransportClosedException && first is ClientTransportClosedException
                && !cancellation.IsCancellationRequested)
            {
                // Of two ends of a program, the one with its last words.
                throw first;
            }
        }
        throw new IOException(
            $"the server did not complete a handshake of any MCP revision: {FailureClassifier.Words(mismatch!)}", mismatch);
    }

    private async Task<Connection> OpenOnceAsync(Opening opening, string? version, CancellationToken cancellation)
    {
        var (server, redactor) = (opening.Server, opening.Redactor);
        var output = new ProgramOutput { OnErrorLine = opening.OnOutput };
        var transport = transports.Create(server, redactor, output);
        var watched = new HandshakeWatch(transport, opening.OnNotification);
        var start = StartTimeoutOf(server);
        try
        {
            // The SDK limits the handshake, and connecting a socket comes on top. Of a program, this limits both.
            var isProgram = server.Command is not null;
            using var timer = new CancellationTokenSource(isProgram ? start : start + settings.CloseTimeout, _time);
            if (isProgram)
            {
                // The source keeps its TimeProvider, so this is no time limit by another clock.
#pragma warning disable RS0030
                watched.OnFirstMessage(() => timer.CancelAfter(settings.ConnectTimeout));
#pragma warning restore RS0030
            }
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timer.Token);
            var options = new McpClientOptions
            {
                ClientInfo = ClientInfo,
                ProtocolVersion = version,
                InitializationTimeout = isProgram ? start + settings.ConnectTimeout + settings.CloseTimeout : start,
                DiscoverProbeTimeout =
                    settings.DiscoverTimeout < settings.ConnectTimeout ? settings.DiscoverTimeout : settings.ConnectTimeout,
                TimeProvider = _time,
                Handlers = { NotificationHandlers = HandlersFor(opening.OnNotification) },
            };
            var clientLogs = logs is null ? null : new DemotedLogs(logs, server.Name, redactor);
            var client = await McpClient.CreateAsync(new WholeErrorData(watched), options, clientLogs, limit.Token).ConfigureAwait(false);
            return new Connection(
                server, client, transport, version, RequestIds.ForNewConnection(), redactor, _time);
        }
        catch (Exception e)
        {
            if (transport is IAsyncDisposable disposable)
                await disposable.DisposeAsync().ConfigureAwait(false);
            if (e is OperationCanceledException && !cancellation.IsCancellationRequested)
                throw new TimeoutException(TimeWords(server, start, watched.HasHeard, output.FirstLine), e);
            if (version is null && HandshakeFallback.IsDue(e, watched.Step, server.Uri?.Scheme is "http" or "https"))
                throw new HandshakeConfusedException(e);
            // A program that ended before the first message: its end says more than that nothing was sent.
            if (e is MessageNotSentException { InnerException: ClientTransportClosedException end })
                throw end;
            throw;
        }
    }

    /// <summary>How long the server may be silent: a program may first have to be downloaded.</summary>
    private TimeSpan StartTimeoutOf(ServerSettings server)
    {
        var start = server.Command is null ? settings.ConnectTimeout : server.StartTimeout ?? settings.StartTimeout;
        return start > settings.ConnectTimeout ? start : settings.ConnectTimeout;
    }

    private string TimeWords(ServerSettings server, TimeSpan start, bool hasHeard, string? firstLine) =>
        server.Command is null || hasHeard ? $"no connection within {settings.ConnectTimeout.TotalSeconds:0.#} s"
        : firstLine is not null
            ? $"the program did not answer within {start.TotalSeconds:0.#} s after its start; it wrote other lines to stdout, first "
                + $"`{firstLine}`. Start it so that it speaks MCP over stdin and stdout, and logs to stderr"
        : $"the program wrote no message within {start.TotalSeconds:0.#} s after its start; if it takes longer, raise start-timeout";

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

    /// <summary>The handshake failed, and <c>initialize</c> may succeed.</summary>
    private sealed class HandshakeConfusedException(Exception cause) : Exception(cause.Message, cause);
}

/// <summary>A connection to open.</summary>
/// <param name="Server">The server.</param>
/// <param name="Redactor">Removes the server's secrets; it knows those of this connection.</param>
/// <param name="PinnedVersion">The revision that an earlier connection had to request by name; null to negotiate.</param>
/// <param name="OnNotification">Called with progress notifications and <c>list_changed</c>.</param>
/// <param name="HasFailed">The last attempt to connect to this server failed; it waits behind those whose did not.</param>
internal sealed record Opening(
    ServerSettings Server,
    CurrentRedactor Redactor,
    string? PinnedVersion,
    Action<JsonRpcNotification> OnNotification,
    bool HasFailed)
{
    /// <summary>Called, on any thread, with each line that a program writes to stderr, secrets included; null: not.</summary>
    public Action<string>? OnOutput { get; init; }
}
