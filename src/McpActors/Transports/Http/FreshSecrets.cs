using System.Net;
using McpActors.Configuration;

namespace McpActors.Transports.Http;

/// <summary>
/// Secrets rotate while a connection is open: when the server refuses a request with 401, its token and headers are read again. If they
/// differ, the request goes out again with the new ones, because a request that was refused did not run, and so do all later ones.
/// Requests that are refused at the same time share one reading. The bodies of requests must be in memory.
/// </summary>
/// <param name="used">The headers that requests come with.</param>
/// <param name="read">Reads the headers. They may be files, and a file on a hanging file system never ends.</param>
/// <param name="limit">The time that a request waits for a reading.</param>
/// <param name="time">The clock of the limit.</param>
/// <param name="onRenewed">Called, on any thread, before new headers are used.</param>
/// <param name="inner">The next handler.</param>
internal sealed class FreshSecrets(
    IReadOnlyDictionary<string, string> used,
    Func<IReadOnlyDictionary<string, string>> read,
    TimeSpan limit,
    TimeProvider time,
    Action onRenewed,
    HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private readonly Lock _lock = new();
    private volatile IReadOnlyDictionary<string, string>? _renewed;
    private Task<IReadOnlyDictionary<string, string>?>? _reading;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var sent = _renewed;
        if (sent is not null)
            Write(request, sent);
        var response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode != HttpStatusCode.Unauthorized
            || await NewerAsync(sent, cancellationToken).ConfigureAwait(false) is not { } fresh)
        {
            return response;
        }
        response.Dispose();
        Write(request, fresh);
        return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The headers that differ from those that were refused; null when there are none, or they cannot be read in time.</summary>
    private async Task<IReadOnlyDictionary<string, string>?> NewerAsync(
        IReadOnlyDictionary<string, string>? refused, CancellationToken cancellation)
    {
        Task<IReadOnlyDictionary<string, string>?> reading;
        lock (_lock)
        {
            if (!ReferenceEquals(_renewed, refused))
                return _renewed;
            if (_reading is null or { IsCompleted: true })
                _reading = Task.Run(() => Newer(refused), CancellationToken.None);
            reading = _reading;
        }
        try
        {
            return await reading.WaitAsync(limit, time, cancellation).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    private IReadOnlyDictionary<string, string>? Newer(IReadOnlyDictionary<string, string>? refused)
    {
        var last = refused ?? used;
        IReadOnlyDictionary<string, string> fresh;
        try
        {
            fresh = read();
        }
        catch (SecretUnavailableException)
        {
            // The refusal says more.
            return null;
        }
        if (fresh.Count == last.Count && fresh.All(header => last.GetValueOrDefault(header.Key) == header.Value))
            return null;
        onRenewed();
        _renewed = fresh;
        return fresh;
    }

    private static void Write(HttpRequestMessage request, IReadOnlyDictionary<string, string> headers)
    {
        foreach (var (name, value) in headers)
        {
            request.Headers.Remove(name);
            request.Headers.TryAddWithoutValidation(name, value);
        }
    }
}
