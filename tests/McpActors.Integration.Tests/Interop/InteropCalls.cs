using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using McpActors.Pool;

namespace McpActors.Tests.Interop;

/// <summary>Helpers that the interop tests share.</summary>
internal static class InteropCalls
{
    /// <summary>Calls server-everything's <c>echo</c>, which answers <c>Echo: message</c> and is marked as safe to repeat.</summary>
    public static Task<CallCompleted> EchoAsync(this IMcpPool pool, string message, CallOptions? options = null) =>
        pool.CallToolAsync("echo", JsonSerializer.SerializeToElement(new { message }), options);

    /// <summary>The server of that name.</summary>
    public static ServerInfo Server(this PoolStatus status, string name) => status.Servers.Single(server => server.Name == name);

    /// <summary>Waits until every server is connected and its catalogue was read.</summary>
    public static Task<PoolStatus> AllConnectedAsync(this PoolHost host) =>
        host.UntilAsync(status => status.Servers.All(server => server is { Status: ServerStatus.Connected, Tools: not null }));

    /// <summary>Kills (SIGKILL) the process that wrote this file, and waits until it is gone.</summary>
    /// <returns>Its id.</returns>
    public static async Task<int> KillAsync(string pidFile)
    {
        var pid = await PidAsync(pidFile);
        using var process = Process.GetProcessById(pid);
        process.Kill();
        await process.WaitForExitAsync().WaitAsync(PoolHost.Patience);
        return pid;
    }

    /// <summary>The id of the process that wrote this file last.</summary>
    public static async Task<int> PidAsync(string pidFile) => int.Parse(await File.ReadAllTextAsync(pidFile), CultureInfo.InvariantCulture);
}
