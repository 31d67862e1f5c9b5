using System.Net;
using System.Net.Http.Headers;
using McpActors.Configuration;
using McpActors.Configuration.Hocon;
using McpActors.Transports.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace McpActors.Transports;

/// <summary>
/// The SDK's Streamable HTTP transport with fallback to SSE. Each connection has its own <see cref="HttpClient"/>, so that its sockets and
/// headers end with it.
/// </summary>
internal sealed class HttpServerTransport : IClientTransport, IAsyncDisposable
{
    /// <summary>Connections beside those of calls: the event stream, probes, the catalogue, cancellations, answers to the server.</summary>
    private const int SpareConnections = 16;

    private readonly HttpClient _http;
    private readonly HttpGuard _guard;
    private readonly HttpClientTransport _transport;
    private readonly TimeSpan _patience;
    private readonly TimeProvider _time;

    /// <summary>Resolves the secrets and creates the client; sends nothing.</summary>
    /// <param name="server">The server.</param>
    /// <param name="settings">Limits and time-outs.</param>
    /// <param name="guard">Opens the sockets of servers that were added through the network.</param>
    /// <param name="time">The clock for time limits.</param>
    /// <param name="logs">Creates the loggers; null for none.</param>
    /// <param name="redactor">Gets the secrets that change while the connection is open.</param>
    /// <exception cref="SecretUnavailableException">The token or a header cannot be resolved.</exception>
    public HttpServerTransport(
        ServerSettings server,
        PoolSettings settings,
        TargetGuard guard,
        TimeProvider time,
        ILoggerFactory? logs,
        CurrentRedactor redactor)
    {
        (_patience, _time) = (settings.DiscoverTimeout, time);
        var headers = RequestHeaders.Of(server);
        var options = new HttpClientTransportOptions
        {
            Name = server.Name,
            Endpoint = server.Uri!,
            TransportMode = server.Transport switch
            {
                HttpTransport.StreamableHttp => HttpTransportMode.StreamableHttp,
                HttpTransport.Sse => HttpTransportMode.Sse,
                _ => HttpTransportMode.AutoDetect,
            },
            ConnectionTimeout = settings.ConnectTimeout,
            AdditionalHeaders = headers,
            // Servers send their own requests in it, and calls wait for the refusal. The SDK stops opening it, without a word, once it has
            // ended a few times: lists are therefore read on a timer too.
            EnableStandaloneGetStream = true,
            OwnsSession = true,
        };
        var sockets = new Sockets(server, settings, guard, time);
        var wire = sockets.CreateHandler();
        // Load balancers keep a session on one server by a cookie. A new connection has a new container, so it begins without any.
        (wire.UseCookies, wire.CookieContainer) = (true, new CookieContainer());
        wire.PooledConnectionLifetime = TimeSpan.FromMinutes(5);
        wire.EnableMultipleHttp2Connections = true;
        // Not less, because a call that waits for a connection is considered sent; not unlimited, because each answer to a request of the
        // server takes one too.
        wire.MaxConnectionsPerServer = (server.MaxInFlight ?? settings.MaxInFlight) + SpareConnections;
        var maxResponse = MessageLimits.WithEnvelope(settings.MaxResultSize);
        var log = logs?.CreateLogger<HttpServerTransport>() ?? NullLogger<HttpServerTransport>.Instance;
        // From the inside out: what limits an answer counts what is left of it after decompression and decoding.
        var asked = new Redirects(new ConnectionWords(sockets, new DeclaredCoding(wire)));
        var authorized = new FreshSecrets(headers, () => RequestHeaders.Of(server), settings.ConnectTimeout, time, OnNewSecrets, asked);
        var sent = new NewestSession(new LegalHeaders(new WholeBodies(authorized)));
        var replies = new StreamReplies();
        var understood = new RepliesElsewhere(replies, new OneWayAnswers(log, new TypedAnswers(sent)));
        HttpMessageHandler answered = new SessionStream(time, understood);
        if (server.Transport == HttpTransport.Auto)
            answered = new OlderTransport(settings.DiscoverTimeout / 2, time, answered);
        _guard = new HttpGuard(server.Uri!, maxResponse, settings.CloseTimeout, time, answered);
        _http = new HttpClient(new UnderstoodAnswers(time, replies, _guard)) { Timeout = Timeout.InfiniteTimeSpan };
        _transport = new HttpClientTransport(options, _http, logs);

        void OnNewSecrets()
        {
            log.LogInformation(
                "Server {Server} refused its token or headers (HTTP 401); they have changed and were read again", server.Name);
            redactor.Use(Redactor.For(server));
        }
    }

    public string Name => _transport.Name;

    public async Task<ITransport> ConnectAsync(CancellationToken cancellationToken = default) =>
        new NamedRequests(
            await _transport.ConnectAsync(cancellationToken).ConfigureAwait(false), _patience, _time, () => _guard.IsOlder);

    public async ValueTask DisposeAsync()
    {
        await _transport.DisposeAsync().ConfigureAwait(false);
        _http.Dispose();
    }
}

/// <summary>The headers of a server, with its token as <c>Authorization: Bearer</c>.</summary>
internal static class RequestHeaders
{
    /// <exception cref="SecretUnavailableException">The token or a header cannot be resolved, or not be sent.</exception>
    public static Dictionary<string, string> Of(ServerSettings server)
    {
        var path = KeyPath.OfServer(server.Name);
        var headers = server.Headers.ToDictionary(
            h => h.Key, h => Sendable(h.Value, KeyPath.Of(path + ".headers", h.Key)), StringComparer.OrdinalIgnoreCase);
        if (server.Token is { } token)
            headers["Authorization"] = new AuthenticationHeaderValue("Bearer", Sendable(token, path + ".auth")).ToString();
        return headers;
    }

    // A secret can change after the configuration was checked.
    private static string Sendable(Secret secret, string key) => secret.Resolve() is var value && HeaderText.CanBeSent(value)
        ? value
        : throw new SecretUnavailableException($"{key} {HeaderText.Problem}");
}
