using System.Text.Json;
using McpActors.Configuration;
using McpActors.Hosting;
using McpActors.Pool;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace McpActors.Benchmarks.Idle;

/// <summary>
/// The process that is measured: a pool with every default, with its log on stderr. A line on stdin ends it, after it has written what
/// became of the servers to stdout.
/// </summary>
internal static class IdleWorker
{
    /// <summary>Runs it with these servers, each <c>NAME=URL</c>.</summary>
    public static async Task RunAsync(string[] servers)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders().AddSimpleConsole(console => console.SingleLine = true);
        builder.Logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Services.AddMcpPool(new PoolSettings { Servers = [.. servers.Select(Settings)] });
        using var host = builder.Build();
        await host.StartAsync();
        await Console.In.ReadLineAsync();
        var status = await host.Services.GetRequiredService<IMcpPool>().GetStatusAsync();
        Console.WriteLine(JsonSerializer.Serialize(
            status.Servers.Select(server => new IdleServer(server.Name, $"{server.Status}", server.Restarts, server.Tools))));
        await host.StopAsync();
    }

    private static ServerSettings Settings(string server)
    {
        var parts = server.Split('=', 2);
        return new ServerSettings { Name = parts[0], Uri = new Uri(parts[1]) };
    }
}

/// <summary>What became of a server.</summary>
internal sealed record IdleServer(string Name, string Status, int Restarts, int? Tools);
