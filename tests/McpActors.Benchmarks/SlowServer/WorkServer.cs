using McpActors.Benchmarks.SideBySide;
using ModelContextProtocol.Server;

namespace McpActors.Benchmarks.SlowServer;

/// <summary>
/// An MCP server over HTTP with the tool <c>work</c>, which serves one call at a time in the order of arrival and takes an exponential time
/// for each.
/// </summary>
internal sealed class WorkServer : IAsyncDisposable
{
    public const string Tool = "work";

    private readonly SemaphoreSlim _one = new(1);
    private readonly Lock _lock = new();
    private readonly Random _random;
    private readonly TimeSpan _mean;
    private LoopbackHttpServer? _server;
    private int _received;

    private WorkServer(TimeSpan mean, int seed)
    {
        _mean = mean;
        _random = new Random(seed);
    }

    public Uri Address => _server!.Address;

    public int Received => Volatile.Read(ref _received);

    public static async Task<WorkServer> StartAsync(TimeSpan mean, int seed)
    {
        var work = new WorkServer(mean, seed);
        work._server = await LoopbackHttpServer.StartAsync(McpServerTool.Create(work.WorkAsync, new() { Name = Tool }));
        return work;
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        _one.Dispose();
    }

    private async Task<string> WorkAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _received);
        await _one.WaitAsync(cancellationToken);
        try
        {
            await Task.Delay(NextDuration(), TimeProvider.System, cancellationToken);
            return "done";
        }
        finally
        {
            _one.Release();
        }
    }

    private TimeSpan NextDuration()
    {
        lock (_lock)
            return _mean * -Math.Log(1 - _random.NextDouble());
    }
}
