using System.Net.WebSockets;
using McpActors.Configuration;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace McpActors.Transports;

/// <summary>Connects to a server over <c>ws://</c> or <c>wss://</c>, with the token and headers in the upgrade request.</summary>
internal sealed class WebSocketClientTransport : IClientTransport
{
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);

    private readonly ServerSettings _server;
    private readonly Dictionary<string, string> _headers;
    private readonly WebSocketTransportOptions _options;
    private readonly ILoggerFactory? _logs;

    /// <summary>Resolves the secrets; sends nothing.</summary>
    /// <exception cref="SecretUnavailableException">The token or a header cannot be resolved.</exception>
    public WebSocketClientTransport(ServerSettings server, PoolSettings settings, TimeProvider time, ILoggerFactory? logs)
    {
        _server = server;
        _headers = RequestHeaders.Of(server);
        _logs = logs;
        _options = new WebSocketTransportOptions
        {
            Name = server.Name,
            MaxReceiveSize = MessageLimits.WithEnvelope(settings.MaxResultSize),
            MaxSendSize = MessageLimits.WithEnvelope(settings.MaxRequestSize),
            CloseTimeout = settings.CloseTimeout,
            TimeProvider = time,
        };
    }

    public string Name => _server.Name;

    /// <exception cref="WebSocketException">The server cannot be reached or refused the upgrade.</exception>
    public async Task<ITransport> ConnectAsync(CancellationToken cancellationToken = default)
    {
        var socket = new ClientWebSocket();
        try
        {
            socket.Options.AddSubProtocol(WebSocketTransport.SubProtocol);
            // A missing pong reveals a server that died without closing the connection, and ends its pending calls.
            socket.Options.KeepAliveInterval = KeepAlive;
            socket.Options.KeepAliveTimeout = KeepAlive;
            foreach (var (name, value) in _headers)
                socket.Options.SetRequestHeader(name, value);
            // The socket keeps only the upgraded connection, so the invoker can be disposed.
            using var guarded = _server.GuardTarget
                ? new HttpMessageInvoker(new SocketsHttpHandler { ConnectCallback = TargetGuard.ConnectAsync })
                : null;
            await socket.ConnectAsync(_server.Uri!, guarded, cancellationToken).ConfigureAwait(false);
            return new WebSocketTransport(socket, _options, _logs, isClient: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
