using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;

namespace McpActors.Host.Tests.Processes;

/// <summary>The worker when something that it needs runs out: files, or somebody who reads what it writes.</summary>
[SupportedOSPlatform("linux")]
public class ExhaustionTests
{
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(90);

    [SkippableFact]
    public async Task More_connections_than_files_are_refused_and_the_worker_serves_again_later()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "ulimit");
        await using var host = await HostProcess.ServeAsync(
            ["sh", "-c", "ulimit -n 512; exec \"$@\"", "sh", .. HostProcess.Built], [], ["--demo-port", "0"]);
        var address = host.Client.BaseAddress!;
        var idle = new List<TcpClient>();
        for (var i = 0; i < 700; i++)
        {
            var client = new TcpClient();
            idle.Add(client);
            await client.ConnectAsync(IPAddress.Loopback, address.Port);
        }
        // The last of them has been accepted or refused.
        await Eventually.TrueAsync(() => Task.FromResult(host.HasEnded || idle[^1].Client.Poll(0, SelectMode.SelectRead)));
        Assert.False(host.HasEnded, host.Log);

        idle.ForEach(client => client.Dispose());

        await Eventually.TrueAsync(async () => host.HasEnded || await IsLiveAsync(host));
        Assert.False(host.HasEnded, host.Log);
        host.Signal("TERM");
        Assert.Equal(0, (await host.EndAsync()).ExitCode);
    }

    [SkippableFact]
    public async Task A_report_that_cannot_be_written_and_a_log_that_nobody_reads_end_and_hold_nothing()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "/dev/full");
        using var folder = new TempFolder();
        var socket = folder.At("api.sock");
        var start = new ProcessStartInfo("sh", ["-c", "exec \"$@\" > /dev/full", "sh", .. HostProcess.Built, "--demo-port", "0",
            "--urls", $"http://unix:{socket}"])
        {
            RedirectStandardError = true,
            WorkingDirectory = folder.Path,
            Environment = { ["Serilog__MinimumLevel__Default"] = "Verbose", ["Serilog__MinimumLevel__Override__Microsoft"] = "Verbose" },
        };
        using var worker = Process.Start(start)!;
        try
        {
            using var client = UnixSockets.Client(socket, Guard);
            await Eventually.TrueAsync(async () => worker.HasExited || await IsLiveAsync(client));
            // Many times what a pipe holds.
            for (var i = 0; i < 200; i++)
                Assert.True(await IsLiveAsync(client));

            using var kill = Process.Start("kill", ["-TERM", worker.Id.ToString(CultureInfo.InvariantCulture)]);
            using var guard = new CancellationTokenSource(Guard);
            await worker.WaitForExitAsync(guard.Token);

            Assert.Equal(0, worker.ExitCode);
        }
        finally
        {
            if (!worker.HasExited)
                worker.Kill(entireProcessTree: true);
        }
    }

    private static Task<bool> IsLiveAsync(HostProcess host) => IsLiveAsync(host.Client);

    private static async Task<bool> IsLiveAsync(HttpClient client)
    {
        try
        {
            return (await client.GetAsync("/health/live")).StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
