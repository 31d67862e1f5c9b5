using McpActors.Configuration;
using McpActors.Pool;

namespace McpActors.Host.Api;

/// <summary>Limits the servers that are added through the API. Thread-safe.</summary>
internal sealed class AddedServers : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>Waits for the turn to add a server, so that two that come together count each other.</summary>
    public async Task<IDisposable> TurnAsync(CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        return new Turn(_turn);
    }

    /// <summary>Why no server can be added; null when one can.</summary>
    /// <param name="pool">The pool.</param>
    /// <param name="configured">The settings of the configuration; null: it has no servers.</param>
    /// <param name="most">The most servers beside those of the configuration.</param>
    /// <param name="cancellation">Cancels the query.</param>
    public static async Task<string?> ProblemAsync(IMcpPool pool, PoolSettings? configured, int most, CancellationToken cancellation)
    {
        var known = (configured?.Servers ?? []).Select(server => server.Name).ToHashSet(StringComparer.Ordinal);
        var added = (await pool.GetStatusAsync(cancellation)).Servers.Count(server => !known.Contains(server.Name));
        return added < most
            ? null
            : $"the pool has {added} servers beside those of its configuration, and mcp-actors.host.max-added-servers is {most}; "
                + "remove one, or add the server to the configuration file";
    }

    public void Dispose() => _turn.Dispose();

    private sealed class Turn(SemaphoreSlim turn) : IDisposable
    {
        public void Dispose() => turn.Release();
    }
}
