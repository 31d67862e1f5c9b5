using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using McpActors.Host.Api.Contract;
using McpActors.Host.Presentation;
using McpActors.Transports;

namespace McpActors.Host.Commands;

/// <summary>A host's answer: the value, and the JSON it was read from.</summary>
internal sealed record HostAnswer<T>(T Value, string Json);

/// <summary>
/// A client of the HTTP API. Every failure is a <see cref="CommandException"/>; its kind is <see cref="PoolErrorKind.OutcomeUnknown"/> when
/// a call was sent and no answer came.
/// </summary>
internal sealed class HostClient : IDisposable
{
    private static readonly TimeSpan ConnectWithin = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(30);

    // A newer host may send fields that this version does not know, and a server may send a field of its result twice.
    private static readonly ApiJson Tolerant = new(new JsonSerializerOptions(ApiJson.Strict.Options)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
        AllowDuplicateProperties = true,
        RespectNullableAnnotations = false,
    });

    private readonly Uri _url;
    private readonly bool _hasToken;
    private readonly HttpClient _http;

    /// <param name="url">The URL of the host, ending with a slash.</param>
    /// <param name="token">Its access token, if it needs one.</param>
    public HostClient(Uri url, string? token)
    {
        (_url, _hasToken) = (url, token is not null);
        // A redirect would send the token elsewhere; a proxy cannot reach the loopback addresses of this machine.
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = !url.IsLoopback,
            UseCookies = false,
            ConnectTimeout = ConnectWithin,
        };
        _http = new HttpClient(handler) { BaseAddress = url, Timeout = Timeout.InfiniteTimeSpan };
        if (token is not null)
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    /// <summary>Every server.</summary>
    public Task<HostAnswer<StatusReply>> StatusAsync(CancellationToken cancellation) =>
        ReadAsync("api/status", Tolerant.StatusReply, cancellation);

    /// <summary>Every node, with the counts of its servers but without the servers.</summary>
    public Task<HostAnswer<ClusterReply>> NodesAsync(CancellationToken cancellation) =>
        ReadAsync("api/cluster?server=", Tolerant.ClusterReply, cancellation);

    /// <summary>Every tool.</summary>
    public Task<HostAnswer<ToolsReply>> ToolsAsync(CancellationToken cancellation) =>
        ReadAsync("api/tools", Tolerant.ToolsReply, cancellation);

    /// <summary>Runs a call. The host enforces its time limit; the client gives up only when no answer comes long after it.</summary>
    public async Task<HostAnswer<ExecuteReply>> ExecuteAsync(ExecuteRequest call, CancellationToken cancellation)
    {
        using var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(call, ApiJson.Strict.ExecuteRequest));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, "api/execute") { Content = content };
        var limit = (call.Options?.MaxTimeoutMs ?? call.Options?.TimeoutMs) is { } milliseconds
            ? TimeSpan.FromMilliseconds(Math.Min(milliseconds, int.MaxValue / 2)) + AnswerWithin
            : Timeout.InfiniteTimeSpan;
        using var timer = new CancellationTokenSource(limit, TimeProvider.System);
        using var guard = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timer.Token);
        return await SendAsync(request, ReadReply, mayRun: true, guard.Token, cancellation);
    }

    public void Dispose() => _http.Dispose();

    private async Task<HostAnswer<T>> ReadAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellation)
        where T : class
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        using var timer = new CancellationTokenSource(AnswerWithin, TimeProvider.System);
        using var guard = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timer.Token);
        return await SendAsync(request, json => Read(json, type), mayRun: false, guard.Token, cancellation);
    }

    private async Task<HostAnswer<T>> SendAsync<T>(
        HttpRequestMessage request, Func<string, T?> read, bool mayRun, CancellationToken guard, CancellationToken cancellation)
        where T : class
    {
        try
        {
            using var response = await _http.SendAsync(request, guard);
            var json = await response.Content.ReadAsStringAsync(guard);
            return response.IsSuccessStatusCode
                ? new(read(json) ?? throw Unreadable(response, mayRun), json)
                : throw Refusal(response, json, mayRun);
        }
        catch (HttpRequestException e) when (NotSent(e))
        {
            throw TlsProblemOf(e) ?? NoHost($"cannot be reached: {Reason(e)}");
        }
        catch (HttpRequestException e)
        {
            throw NoAnswer($"the connection ended before the answer: {Reason(e)}", mayRun);
        }
        catch (OperationCanceledException e) when (!guard.IsCancellationRequested && e.InnerException is TimeoutException)
        {
            throw NoHost($"cannot be reached: no connection within {ConnectWithin.TotalSeconds:0} s");
        }
        catch (OperationCanceledException) when (mayRun && cancellation.IsCancellationRequested)
        {
            throw new CommandException(
                nameof(PoolErrorKind.Cancelled), "The call was cancelled, also on its server; it may or may not have run.");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw NoAnswer("it did not answer in time", mayRun);
        }
    }

    private static bool NotSent(HttpRequestException e) => e.HttpRequestError
        is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError
        or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError;

    // A host may well run there, so the advice to start one would mislead.
    private CommandException? TlsProblemOf(HttpRequestException e) =>
        e.HttpRequestError == HttpRequestError.SecureConnectionError && TlsWords.For(e, _url.Authority, "http://") is { } problem
            ? new(CommandException.HostUnreachable, $"{char.ToUpperInvariant(problem[0])}{problem[1..]}.")
            : null;

    // The outer exception has no information of its own.
    private static string Reason(Exception e) => e.GetBaseException().Message.TrimEnd('.');

    private CommandException Refusal(HttpResponseMessage response, string json, bool mayRun)
    {
        if (response.StatusCode == HttpStatusCode.Unauthorized)
        {
            return new(CommandException.Unauthorized, _hasToken
                ? $"The host at {_url} rejected the access token. Check --token-file or {ConnectionOptions.TokenVariable}."
                : $"The host at {_url} requires an access token. Set the environment variable {ConnectionOptions.TokenVariable}, "
                    + "or pass a file with --token-file."
                    // Other servers require tokens too.
                    + (ReadError(json) is not null ? ""
                        : $" If no McpActors host listens there, set its address with --url or {ConnectionOptions.UrlVariable}."));
        }
        if (ReadError(json) is { } reply)
            return new(reply, json);
        // The answer of a proxy in between, which may have forwarded the call.
        return (int)response.StatusCode >= 500
            ? NoAnswer($"a server in between answered {Status(response)} instead", mayRun)
            : NoHost($"is not an McpActors host: it answered {Status(response)}");
    }

    // Whatever answered a call with success may have run it.
    private CommandException Unreadable(HttpResponseMessage response, bool mayRun) => mayRun
        ? NoAnswer($"the answer, {Status(response)}, cannot be read", mayRun)
        : NoHost($"answered {Status(response)} with an unknown body");

    /// <summary>A result, whatever else of the answer cannot be read.</summary>
    private static ExecuteReply? ReadReply(string json)
    {
        var reply = Read(json, Tolerant.ExecuteReply);
        if (reply is { Server: not null, Attempts: not null, Result.ValueKind: not JsonValueKind.Undefined })
            return reply;
        var answer = Parse(json);
        return answer.Find("result") is { } result ? new ExecuteReply(result, answer.Text("server") ?? "a server", [], 0) : null;
    }

    /// <summary>An error, whatever else of the answer cannot be read.</summary>
    private static ErrorReply? ReadError(string json)
    {
        if (Read(json, Tolerant.ErrorReply) is { Error: { Kind: not null, Message: not null } } reply)
            return reply;
        var error = Parse(json).Member("error");
        return error.Text("kind") is { } kind ? ErrorReply.Of(kind, error.Text("message") ?? "") : null;
    }

    private static JsonElement Parse(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = JsonDepth.Most });
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return default;
        }
    }

    private static T? Read<T>(string json, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(json, type);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private CommandException NoHost(string why) =>
        new(
            CommandException.HostUnreachable,
            $"{_url} {why}. Start a host with `mcp-actors run`, or set its address with --url or {ConnectionOptions.UrlVariable}.");

    private CommandException NoAnswer(string why, bool mayRun) => mayRun
        ? new(
            nameof(PoolErrorKind.OutcomeUnknown),
            $"The call was sent to {_url}, but {why}. It may or may not have run: check before you repeat it.")
        : new(CommandException.HostUnreachable, $"The request was sent to {_url}, but {why}.");

    private static string Status(HttpResponseMessage response) => $"HTTP {(int)response.StatusCode}";
}
