using McpActors.Configuration;
using McpActors.Hosting;
using McpActors.Pool;

namespace McpActors.Host.Commands;

/// <summary>Connects to every server of a configuration once, as the worker would, and closes the connections again.</summary>
internal static class ServerCheck
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(50);

    /// <summary>Every server in configured order, each after its first attempt or at the end of the time limit.</summary>
    /// <param name="settings">The servers.</param>
    /// <param name="within">The time limit for all of them together.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <exception cref="OperationCanceledException">It was cancelled; all connections are closed by then.</exception>
    public static async Task<IReadOnlyList<CheckedServer>> RunAsync(
        PoolSettings settings, TimeSpan within, TimeProvider clock, CancellationToken cancellation)
    {
        if (settings.Servers.Count == 0)
            return [];
        // Without logs: the result has the same information.
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        // The notes of the file are reported already.
        builder.Services.AddMcpPool(settings with { Servers = [.. settings.Servers.Select(server => server with { Remarks = [] })] });
        builder.Services.Configure<ConsoleLifetimeOptions>(lifetime => lifetime.SuppressStatusMessages = true);
        using var host = builder.Build();
        await host.StartAsync(CancellationToken.None);
        try
        {
            var pool = host.Services.GetRequiredService<IMcpPool>();
            var servers = await FirstAttemptsAsync(pool, within, clock, cancellation);
            return await DescribeAsync(pool, servers, within, cancellation);
        }
        finally
        {
            await host.StopAsync(CancellationToken.None);
        }
    }

    private static async Task<IReadOnlyList<ServerInfo>> FirstAttemptsAsync(
        IMcpPool pool, TimeSpan within, TimeProvider clock, CancellationToken cancellation)
    {
        var start = clock.GetTimestamp();
        var settled = new Dictionary<string, ServerInfo>(StringComparer.Ordinal);
        while (true)
        {
            var status = await pool.GetStatusAsync(cancellation);
            // The first attempt counts, since the pool soon repeats one that failed.
            foreach (var server in status.Servers.Where(IsSettled))
                settled.TryAdd(server.Name, server);
            if (settled.Count == status.Servers.Count || clock.GetElapsedTime(start) >= within)
                return [.. status.Servers.Select(server => settled.GetValueOrDefault(server.Name, server))];

            await Task.Delay(LookEvery, clock, cancellation);
        }
    }

    private static bool IsSettled(ServerInfo server) =>
        server.Status == ServerStatus.Connected ? server.IsListed : server.LastError is not null;

    private static async Task<IReadOnlyList<CheckedServer>> DescribeAsync(
        IMcpPool pool, IReadOnlyList<ServerInfo> servers, TimeSpan within, CancellationToken cancellation)
    {
        var tools = await pool.ListToolsAsync(cancellation);
        var resources = await pool.ListResourcesAsync(cancellation);
        var prompts = await pool.ListPromptsAsync(cancellation);
        return [.. servers.Select(Describe)];

        string Problem(ServerInfo server) => server.Status == ServerStatus.Connected
            ? Unlisted(server)
            : server.LastError ?? $"not connected within {within.TotalSeconds:0.###} s";

        string Unlisted(ServerInfo server) => server.Remarks.Count > 0
            ? $"connected, but {string.Join("; ", server.Remarks)}"
            : $"connected, but did not list its tools within {within.TotalSeconds:0.###} s";

        CheckedServer Describe(ServerInfo server)
        {
            var isKnown = server is { Status: ServerStatus.Connected, Tools: not null };
            return new CheckedServer
            {
                Name = server.Name,
                DisplayName = server.DisplayName,
                Endpoint = server.Endpoint,
                Group = server.Group,
                Status = server.Status,
                Error = isKnown ? null : Problem(server),
                Remarks = isKnown && server.Remarks.Count > 0 ? server.Remarks : null,
                ProtocolVersion = server.ProtocolVersion,
                ServerName = server.ServerName,
                ServerVersion = server.ServerVersion,
                Tools = isKnown ? [.. Of(tools.Tools, server).Select(tool => tool.Name)] : null,
                Resources = isKnown ? Of(resources.Resources, server).Count() + Of(resources.Templates, server).Count() : null,
                Prompts = isKnown ? Of(prompts.Prompts, server).Count() : null,
            };
        }
    }

    private static IEnumerable<CatalogueEntry> Of(IReadOnlyList<CatalogueEntry> entries, ServerInfo server) =>
        entries.Where(entry => entry.Servers.Contains(server.Name));
}
