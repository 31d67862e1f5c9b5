using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace McpActors.Transports;

/// <summary>
/// Opens the sockets of all HTTP and WebSocket connections. Tries the addresses of a name side by side, each a quarter of a second after
/// the one before (RFC 8305), so that an address that swallows packets does not hide one that answers. The error names the addresses tried.
/// </summary>
/// <param name="resolve">Finds the addresses of a host, in the order of preference.</param>
/// <param name="limit">How long all of them have.</param>
/// <param name="time">The clock.</param>
internal sealed partial class AddressRace(Func<string, CancellationToken, Task<IPAddress[]>> resolve, TimeSpan limit, TimeProvider time)
{
    private static readonly TimeSpan Apart = TimeSpan.FromMilliseconds(250);

    private int _opened;

    /// <summary>Sockets that were opened.</summary>
    public int Opened => Volatile.Read(ref _opened);

    /// <summary>Opens a socket to the first address that answers.</summary>
    /// <exception cref="HttpRequestException">None answered.</exception>
    /// <exception cref="SocketException">The name does not resolve.</exception>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var addresses = await resolve(host, cancellation).ConfigureAwait(false);
        var socket = await RunAsync(addresses, port, OpenAsync, cancellation).ConfigureAwait(false);
        Interlocked.Increment(ref _opened);
        return new NetworkStream(socket, ownsSocket: true);
    }

    /// <summary>The words of a failed connection without the host and port that the runtime adds to the addresses in them.</summary>
    public static string WithoutHost(string words) => AddedHost().Replace(words, "");

    [GeneratedRegex(@"(?<=no connection to port [0-9]+ of [^;]*\)) \([^()\s]+:[0-9]+\)", RegexOptions.CultureInvariant)]
    private static partial Regex AddedHost();

    /// <summary>Connects to the first address that answers; what the others open later is disposed of.</summary>
    public async Task<T> RunAsync<T>(
        IReadOnlyList<IPAddress> addresses, int port, Func<IPEndPoint, CancellationToken, Task<T>> connect, CancellationToken cancellation)
        where T : IDisposable
    {
        using var timer = new CancellationTokenSource(limit, time);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timer.Token);
        var waiting = new Queue<IPAddress>(Interleaved(addresses));
        var running = new Dictionary<Task<T>, IPAddress>();
        var tried = new List<string>();
        try
        {
            while (waiting.Count > 0 || running.Count > 0)
            {
                if (waiting.TryDequeue(out var address))
                    running.Add(connect(new IPEndPoint(address, port), over.Token), address);
                if (await FirstAsync(running.Keys, waiting.Count > 0, over.Token).ConfigureAwait(false) is not { } ended)
                    continue;
                running.Remove(ended, out var endedAddress);
                if (ended.IsCompletedSuccessfully)
                    return await ended.ConfigureAwait(false);
                cancellation.ThrowIfCancellationRequested();
                tried.Add($"{endedAddress} ({(timer.IsCancellationRequested ? "no answer" : ended.Exception?.InnerException?.Message)})");
            }
        }
        finally
        {
            await over.CancelAsync().ConfigureAwait(false);
            foreach (var loser in running.Keys)
                _ = DiscardAsync(loser);
        }
        throw new HttpRequestException(HttpRequestError.ConnectionError, $"no connection to port {port} of {string.Join(", ", tried)}");
    }

    /// <summary>The addresses in their order, but of the two families in turn.</summary>
    public static IEnumerable<IPAddress> Interleaved(IReadOnlyList<IPAddress> addresses)
    {
        if (addresses.Count == 0)
            return [];
        var own = addresses.Where(address => address.AddressFamily == addresses[0].AddressFamily).ToList();
        var others = addresses.Where(address => address.AddressFamily != addresses[0].AddressFamily).ToList();
        return Enumerable.Range(0, Math.Max(own.Count, others.Count)).SelectMany(i => own.Skip(i).Take(1).Concat(others.Skip(i).Take(1)));
    }

    // Null when it is time for the next address.
    private async Task<Task<T>?> FirstAsync<T>(ICollection<Task<T>> running, bool hasMore, CancellationToken over)
    {
        if (!hasMore)
            return await Task.WhenAny(running).ConfigureAwait(false);
        using var turn = CancellationTokenSource.CreateLinkedTokenSource(over);
        var next = Task.Delay(Apart, time, turn.Token);
        var first = await Task.WhenAny(running.Cast<Task>().Append(next)).ConfigureAwait(false);
        await turn.CancelAsync().ConfigureAwait(false);
        return first as Task<T>;
    }

    private static async Task DiscardAsync<T>(Task<T> loser)
        where T : IDisposable
    {
        try
        {
            (await loser.ConfigureAwait(false)).Dispose();
        }
        catch (Exception)
        {
            // Another address answered.
        }
    }

    private static async Task<Socket> OpenAsync(IPEndPoint end, CancellationToken cancellation)
    {
        var socket = new Socket(end.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(end, cancellation).ConfigureAwait(false);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
