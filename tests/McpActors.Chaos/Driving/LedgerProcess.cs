using System.Diagnostics;
using McpActors.Configuration;

namespace McpActors.Chaos.Driving;

/// <summary>
/// The driver's control of one server. It starts servers over HTTP and WebSocket, on a port that stays the same over restarts; the pool
/// starts those on stdio.
/// </summary>
internal sealed class LedgerProcess(string name, string transport, bool sessions, string ledgers, ServerControl control)
{
    private const int Tries = 5;

    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(60);

    // A separate shell continues the process even when the driver is killed meanwhile.
    private const string StopScript = """trap '' INT TERM HUP; kill -STOP "$0" && sleep "$1"; kill -CONT "$0" """;

    private readonly SemaphoreSlim _starting = new(1, 1);
    private int _port;

    public string Name => name;

    public bool OnStdio => transport == "stdio";

    public ServerSettings Settings => OnStdio
        ? new() { Name = name, Command = Program, Args = [.. Arguments()], InheritEnvironment = true }
        : new()
        {
            Name = name,
            Uri = new Uri($"{transport}://127.0.0.1:{_port}/mcp"),
            // The newest revision has no sessions.
            ProtocolVersion = sessions ? "2025-11-25" : null,
        };

    /// <summary>Starts the process unless the pool does.</summary>
    public async Task StartAsync()
    {
        if (OnStdio)
            return;
        await _starting.WaitAsync();
        try
        {
            if (control.Find(name) is null)
                await StartNowAsync();
        }
        finally
        {
            _starting.Release();
        }
    }

    private async Task StartNowAsync()
    {
        for (var tries = 1; ; tries++)
        {
            using var process = Process.Start(Program, Arguments());
            using var patience = new CancellationTokenSource(StartTime);
            var exited = process.WaitForExitAsync(patience.Token);
            var ready = control.ReadyAsync(process.Id, patience.Token);
            if (await Task.WhenAny(ready, exited) == ready)
            {
                _port = (await ready).Port;
                return;
            }
            // Another program may have taken the port while the server was down.
            if (tries == Tries)
                throw new InvalidOperationException($"{name} did not start on port {_port}");
        }
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        if (control.Find(name) is not { } life)
            return;
        try
        {
            using var process = Process.GetProcessById(life.Pid);
            process.Kill();
            await process.WaitForExitAsync();
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            // The process has ended by itself.
        }
    }

    /// <summary>SIGSTOP, and SIGCONT after this time.</summary>
    public async Task PauseAsync(TimeSpan time)
    {
        if (control.Find(name) is not { } life)
            return;
        await PauseAsync(life.Pid, time);
    }

    /// <summary>Stops a process, also the own one, for this time.</summary>
    public static async Task PauseAsync(int pid, TimeSpan time)
    {
        using var shell = Process.Start("/bin/sh", ["-c", StopScript, $"{pid}", $"{time.TotalSeconds:0.000}"]);
        await shell.WaitForExitAsync();
    }

    public Task TellAsync(string order) => control.Find(name)?.TellAsync(order) ?? Task.CompletedTask;

    private static string Program => "dotnet";

    private List<string> Arguments()
    {
        List<string> arguments =
        [
            typeof(LedgerProcess).Assembly.Location, "serve", "--name", name, "--transport", transport,
            "--ledger", Path.Combine(ledgers, name), "--control", $"{control.Port}", "--port", $"{_port}",
        ];
        if (sessions)
            arguments.Add("--sessions");
        return arguments;
    }
}
