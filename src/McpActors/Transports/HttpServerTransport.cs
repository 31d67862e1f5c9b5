using System.Net.Http.Headers;
using McpActors.Configuration;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace McpActors.Transports;

/// <summary>
/// The SDK's Streamable HTTP transport with fallback to SSE. Each connection has its own <see cref="HttpClient"/>, so that its sockets and
/// headers end with it.
/// </summary>
internal sealed class HttpServerTransport : IClientTransport, IAsyncDisposable
{
    private readonly HttpClient _http;
    private readonly HttpClientTransport _transport;

    /// <summary>Resolves the secrets and creates the client; sends nothing.</summary>
    /// <exception cref="SecretUnavailableException">The token or a header cannot be resolved.</exception>
    public HttpServerTransport(ServerSettings server, PoolSettings settings, TimeProvider time, ILoggerFactory? logs)
    {
        var options = new HttpClientTransportOptions
        {
            Name = server.Name,
            Endpoint = server.Uri!,
            TransportMode = HttpTransportMode.AutoDetect,
            ConnectionTimeout = settings.ConnectTimeout,
            AdditionalHeaders = RequestHeaders.Of(server),
            // The SDK reopens this stream at most five times and then gives up silently; the catalogue is refreshed on a timer instead.
            EnableStandaloneGetStream = false,
            OwnsSession = true,
        };
        var sockets = new SocketsHttpHandler
        {
            // A redirect would carry the token and headers to an address that the operator did not configure.
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = settings.ConnectTimeout,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            EnableMultipleHttp2Connections = true,
            // The pool limits calls by max-in-flight; a second limit would queue calls that the pool considers sent.
            MaxConnectionsPerServer = int.MaxValue,
        };
        if (server.GuardTarget)
            sockets.ConnectCallback = TargetGuard.ConnectAsync;
        var maxResponse = MessageLimits.WithEnvelope(settings.MaxResultSize);
        _http = new HttpClient(new HttpGuard(maxResponse, settings.CloseTimeout, time, sockets)) { Timeout = Timeout.InfiniteTimeSpan };
        _transport = new HttpClientTransport(options, _http, logs);
    }

    public string Name => _transport.Name;

    public Task<ITransport> ConnectAsync(CancellationToken cancellationToken = default) => _transport.ConnectAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _transport.DisposeAsync().ConfigureAwait(false);
        _http.Dispose();
    }
}

/// <summary>The headers of a server, with its token as <c>Authorization: Bearer</c>.</summary>
internal static class RequestHeaders
{
    /// <exception cref="SecretUnavailableException">The token or a header cannot be resolved.</exception>
    public static Dictionary<string, string> Of(ServerSettings server)
    {
        var headers = server.Headers.ToDictionary(h => h.Key, h => h.Value.Resolve(), StringComparer.OrdinalIgnoreCase);
        if (server.Token is { } token)
            headers["Authorization"] = new AuthenticationHeaderValue("Bearer", token.Resolve()).ToString();
        return headers;
    }
}
