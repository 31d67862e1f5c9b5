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

    /// <summary>The pool once every server is connected or has failed its first attempt, at the latest after three seconds.</summary>
    public static async Task<PoolStatus> FirstAttemptsAsync(IMcpPool pool, TimeProvider clock, CancellationToken stopping)
    {
        var start = clock.GetTimestamp();
        while (true)
        {
            var status = await pool.GetStatusAsync(stopping);
            var settled = status.Servers.All(s => s.Status is ServerStatus.Connected or ServerStatus.Error);
            if (settled || clock.GetElapsedTime(start) >= FirstAttemptsWithin)
                return status;

            await Task.Delay(LookEvery, clock, stopping);
        }
    }

    /// <summary>The report as text.</summary>
    /// <param name="status">The servers.</param>
    /// <param name="addresses">The addresses of the HTTP API.</param>
    /// <param name="source">The origin of the servers.</param>
    public static string Write(PoolStatus status, IEnumerable<string> addresses, string source)
    {
        var text = new StringWriter(CultureInfo.InvariantCulture);
        text.WriteLine($"McpActors {ProgramVersion.Text}: {source}");
        text.WriteLine();
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
