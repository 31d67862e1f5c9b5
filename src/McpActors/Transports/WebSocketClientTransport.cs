using System.Net;
using System.Net.WebSockets;
using McpActors.Configuration;
using McpActors.Transports.Http;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace McpActors.Transports;

/// <summary>Connects to a server over <c>ws://</c> or <c>wss://</c>, with the token and headers in the upgrade request.</summary>
internal sealed class WebSocketClientTransport : IClientTransport
{
    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(15);

    /// <summary>
    /// The server cannot answer a ping within a frame that it is sending, so this also limits how long one frame may take: a result of 16
    /// MiB needs 2.3 Mbit/s.
    /// </summary>
    private static readonly TimeSpan PongTimeout = TimeSpan.FromSeconds(60);

    private readonly ServerSettings _server;
    private readonly Sockets _sockets;
    private readonly Dictionary<string, string> _headers;
    private readonly WebSocketTransportOptions _options;
    private readonly ILoggerFactory? _logs;
    private readonly TimeSpan _connectTimeout;
    private readonly CurrentRedactor _redactor;

    /// <summary>Resolves the secrets; sends nothing.</summary>
    /// <exception cref="SecretUnavailableException">The token or a header cannot be resolved.</exception>
    public WebSocketClientTransport(
        ServerSettings server,
        PoolSettings settings,
        TargetGuard guard,
        TimeProvider time,
        ILoggerFactory? logs,
        CurrentRedactor redactor)
    {
        _server = server;
        _connectTimeout = settings.ConnectTimeout;
        _redactor = redactor;
        _sockets = new Sockets(server, settings, guard, time);
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
            socket.Options.CollectHttpResponseDetails = true;
            // A missing pong reveals a server that died without closing the connection, and ends its pending calls.
            socket.Options.KeepAliveInterval = PingInterval;
            socket.Options.KeepAliveTimeout = PongTimeout;
            foreach (var (name, value) in _headers)
                socket.Options.SetRequestHeader(name, value);
            // The socket keeps only the upgraded connection, so the invoker can be disposed.
            using var invoker = new HttpMessageInvoker(new FreshSecrets(
                _headers,
                () => RequestHeaders.Of(_server),
                _connectTimeout,
                _options.TimeProvider,
                () => _redactor.Use(Redactor.For(_server)),
                _sockets.CreateHandler()));
            await socket.ConnectAsync(_server.Uri!, invoker, cancellationToken).ConfigureAwait(false);
            return new WebSocketTransport(socket, _options, _logs, isClient: true);
        }
        catch (Exception e)
        {
            var status = socket.HttpStatusCode;
            socket.Dispose();
            if (e is not WebSocketException failure)
                throw;
            var through = _sockets.Through(_server.Uri!);
            // Without the cause, whose words would follow.
            if (WordsOf(failure, status) is { } words)
                throw new WebSocketException(failure.WebSocketErrorCode, words + through);
            if (through.Length > 0)
                throw new WebSocketException(failure.WebSocketErrorCode, failure.Message + through, failure);
            throw;
        }
    }

    // The runtime's own words say that another status than 101 was expected, and "see inner exception".
    private string? WordsOf(WebSocketException failure, HttpStatusCode status)
    {
        if (status != HttpStatusCode.Unauthorized)
            return TlsWords.For(failure, _server.Uri!.Authority, "http:// or ws://");
        return "the server refuses the credentials (HTTP 401); "
            + (_headers.ContainsKey("Authorization") ? "check the token in auth" : "set auth { token-env = … }");
    }
}
