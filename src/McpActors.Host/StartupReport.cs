using System.Globalization;
using McpActors.Host.Commands;
using McpActors.Host.Presentation;
using McpActors.Pool;

namespace McpActors.Host;

/// <summary>The report that the worker prints once it serves: its servers, and the addresses of its API.</summary>
internal static class StartupReport
{
    private const int MaxRows = 50;

    /// <summary>How long the report waits for the first connection attempts; nothing else waits for them.</summary>
    private static readonly TimeSpan FirstAttemptsWithin = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// The pool once every server is connected or has failed its first attempt, at the latest after three seconds; null when it has not
    /// answered by then.
    /// </summary>
    public static async Task<PoolStatus?> FirstAttemptsAsync(IMcpPool pool, TimeProvider clock, CancellationToken stopping)
    {
        using var limit = new CancellationTokenSource(FirstAttemptsWithin, clock);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stopping);
        PoolStatus? status = null;
        try
        {
            while (true)
            {
                var asked = clock.GetTimestamp();
                status = await pool.GetStatusAsync(ends.Token);
                if (status.Servers.All(s => s.Status is ServerStatus.Connected or ServerStatus.Error))
                    return status;
                // With very many servers each status is work that the connections have to wait for.
                var cost = clock.GetElapsedTime(asked) * 4;
                await Task.Delay(cost > LookEvery ? cost : LookEvery, clock, ends.Token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or TimeoutException && !stopping.IsCancellationRequested)
        {
            return status;
        }
    }

    /// <summary>The report as text.</summary>
    /// <param name="status">The servers; null when the pool has not answered yet.</param>
    /// <param name="addresses">The addresses of the HTTP API.</param>
    /// <param name="source">The origin of the servers.</param>
    public static string Write(PoolStatus? status, IEnumerable<string> addresses, string source)
    {
        var text = new StringWriter(CultureInfo.InvariantCulture);
        text.WriteLine($"McpActors {ProgramVersion.Text}: {source}");
        text.WriteLine();
        if (status is null)
            text.WriteLine("(the pool has not listed its servers yet; GET /api/status does)");
        else
            WriteTable(text, status.Servers);
        text.WriteLine();
        foreach (var address in addresses)
        {
            text.WriteLine($"Dashboard  {address}/");
            text.WriteLine($"HTTP API   {address}");
        }

        return text.ToString();
    }

    private static void WriteTable(StringWriter text, IReadOnlyList<ServerInfo> servers)
    {
        var table = new TextTable("NAME", "ENDPOINT", "GROUP", "PRIORITY", "STATUS");
        foreach (var s in servers.Take(MaxRows))
            table.Add(s.Name, s.Endpoint, s.Group, s.Priority.ToString(CultureInfo.InvariantCulture), State(s));
        table.WriteTo(text);
        if (servers.Count > MaxRows)
            text.WriteLine($"… and {servers.Count - MaxRows} more; GET /api/status lists all.");
        if (servers.Count == 0)
            text.WriteLine("(no servers configured)");
    }

    private static string State(ServerInfo server) =>
        server is { Status: ServerStatus.Error, LastError: { } reason } ? $"{server.Status}: {reason}" : server.Status.ToString();
}
