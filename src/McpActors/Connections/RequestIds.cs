using System.Text.Json.Nodes;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace McpActors.Connections;

/// <summary>
/// The ids of the pool's requests on one connection: integers of 31 bits, because some servers and gateways read no larger ones. After the
/// largest they begin again with the first, and pass over those in use, so no two requests in flight have the same. Thread-safe.
/// </summary>
/// <param name="start">The first id to give; at least <see cref="First"/>.</param>
/// <param name="last">The largest id to give; at least <paramref name="start"/>.</param>
internal sealed class RequestIds(int start, int last = int.MaxValue)
{
    /// <summary>The smallest id. The SDK counts its own, which are few, from 1.</summary>
    public const int First = 1 << 20;

    // A prime, so that the starts of many connections lie far apart.
    private const long Distance = 1_000_000_007;

    private static long _connections;

    private readonly Lock _lock = new();
    private readonly HashSet<int> _inUse = [];
    private int _next = start;

    /// <summary>
    /// The ids of a new connection. Each connection starts at another id, because a server without sessions may know a request by its id
    /// alone.
    /// </summary>
    public static RequestIds ForNewConnection() =>
        new((int)(First + (Interlocked.Increment(ref _connections) * Distance % (int.MaxValue - First))));

    /// <summary>Whether it is the id of a request of the pool, and not of the SDK's own.</summary>
    public static bool IsOwn(RequestId id) => id.Id is >= (long)First;

    /// <summary>An id that no request in flight has. It stays in use until it is given back.</summary>
    public RequestId Take()
    {
        lock (_lock)
        {
            while (!_inUse.Add(_next))
                Advance();
            var id = _next;
            Advance();
            return new RequestId(id);
        }
    }

    /// <summary>No answer to the request is awaited any more.</summary>
    public void GiveBack(RequestId id)
    {
        lock (_lock)
            _inUse.Remove((int)(long)id.Id!);
    }

    /// <summary>Sends a request of the pool's own, and returns its answer.</summary>
    public async Task<JsonRpcResponse> AskAsync(
        McpClient client, string method, JsonNode? parameters, CancellationToken cancellationToken)
    {
        var request = new JsonRpcRequest { Id = Take(), Method = method, Params = parameters };
        try
        {
            return await client.SendRequestAsync(request, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            GiveBack(request.Id);
        }
    }

    private void Advance() => _next = _next == last ? First : _next + 1;
}
