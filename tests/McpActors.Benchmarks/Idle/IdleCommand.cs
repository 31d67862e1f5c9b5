using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace McpActors.Benchmarks.Idle;

/// <summary>
/// A worker with odd servers and without calls: how often it lists and probes them, what it writes into its log, and what it takes of the
/// machine. The servers run in this process, the worker in another one.
/// </summary>
internal static class IdleCommand
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(30);

    /// <summary>Prints the tables. Returns the exit code, 2 when the time cannot be parsed.</summary>
    public static async Task<int> RunAsync(string time)
    {
        if (!double.TryParse(time, NumberStyles.Float, CultureInfo.InvariantCulture, out var minutes) || minutes is < 1 or > 1440)
        {
            Console.Error.WriteLine($"--minutes wants a number from 1 to 1440, not {time}");
            return 2;
        }
        var servers = new List<OddServer>();
        foreach (var oddity in Oddities.All)
            servers.Add(await OddServer.StartAsync(oddity));
        var log = new ConcurrentQueue<string>();
        using var worker = Start(servers, log);
        try
        {
            var first = await WaitAndMeasureAsync(worker, WarmUp);
            var last = await WaitAndMeasureAsync(worker, TimeSpan.FromMinutes(minutes));
            await worker.StandardInput.WriteLineAsync();
            var ends = JsonSerializer.Deserialize<IdleServer[]>((await worker.StandardOutput.ReadLineAsync())!)!;
            await worker.WaitForExitAsync();
            Print(servers, ends, [.. log], minutes, first, last);
        }
        finally
        {
            worker.Kill(entireProcessTree: true);
            foreach (var server in servers)
                await server.DisposeAsync();
        }
        return 0;
    }

    private static Process Start(List<OddServer> servers, ConcurrentQueue<string> log)
    {
        var worker = Process.Start(new ProcessStartInfo(
            Environment.ProcessPath!, ["idle-worker", .. servers.Select(server => $"{server.Name}={server.Address}")])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            // That of the worker; this program's own setting is for its other commands.
            Environment = { ["DOTNET_gcServer"] = "0" },
        })!;
        worker.ErrorDataReceived += (_, line) => log.Enqueue(line.Data ?? "");
        worker.BeginErrorReadLine();
        return worker;
    }

    private static async Task<Usage> WaitAndMeasureAsync(Process worker, TimeSpan time)
    {
        await Task.Delay(time, TimeProvider.System);
        worker.Refresh();
        return new Usage(worker.TotalProcessorTime, worker.WorkingSet64 / 1048576);
    }

    private static void Print(
        List<OddServer> servers, IdleServer[] ends, string[] log, double minutes, Usage first, Usage last)
    {
        Console.WriteLine($"{minutes:0.#} minutes, {servers.Count} servers\n");
        Console.WriteLine("| the server | listings | probes | handshakes | log lines | restarts | state, tools |");
        Console.WriteLine("|---|---:|---:|---:|---:|---:|---|");
        foreach (var (server, end) in servers.Zip(ends))
        {
            var lines = log.Count(line => line.Contains($" {server.Name} ", StringComparison.Ordinal));
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {server.Words} | {server.Received("tools/list")} | {server.Received("ping")} | {server.Received("initialize")} "
                + $"| {lines} | {end.Restarts} | {end.Status}, {end.Tools?.ToString(CultureInfo.InvariantCulture) ?? "unknown"} |"));
        }
        var processor = (last.Processor - first.Processor).TotalMilliseconds / minutes;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"\nthe worker: {processor:0} ms of processor time a minute, {first.Megabytes} MB at the start, {last.Megabytes} MB at the "
            + $"end, {log.Length} log lines"));
    }

    private sealed record Usage(TimeSpan Processor, long Megabytes);
}
