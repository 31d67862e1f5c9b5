using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace McpActors.Transports;

/// <summary>
/// One shell process beside this one that ends what this process has started when this process ends, even by <c>kill -9</c>: it waits for the
/// end of its stdin, whose other end only this process has open, and then kills all holders of <see cref="ProcessCookie.Owner"/>.
/// Linux only; elsewhere a child notices the end of its own stdin, as the protocol asks of it.
/// </summary>
internal static class ProcessWatchdog
{
    /// <summary>
    /// $0 is the cookie. It stands in the watchdog's arguments and never in its environment, so it does not find itself; a process that was
    /// killed has an empty environment until it is reaped, so the loop ends.
    /// </summary>
    private const string Script = """
        trap '' INT TERM HUP QUIT PIPE
        exec >/dev/null 2>&1
        while read -r line; do :; done
        tries=0
        while [ "$tries" -lt 100 ]; do
          found=$(grep -lsF "$0" /proc/[0-9]*/environ)
          [ -z "$found" ] && exit 0
          for file in $found; do
            id=${file#/proc/}
            kill -9 "${id%/environ}"
          done
          tries=$((tries + 1))
          sleep 0.1 || sleep 1
        done
        """;

    private static readonly Lock Gate = new();
    private static Process? _watchdog;

    /// <summary>Starts the watchdog unless it runs. A failure to start is logged and does not keep a server from being started.</summary>
    public static void EnsureRunning(ILoggerFactory? logs)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        lock (Gate)
        {
            if (_watchdog is { HasExited: false })
            {
                return;
            }

            try
            {
                _watchdog?.Dispose();
                _watchdog = Process.Start(StartInfo());
            }
            catch (Exception e) when (e is System.ComponentModel.Win32Exception or IOException)
            {
                _watchdog = null;
                logs?.CreateLogger(typeof(ProcessWatchdog)).LogWarning(
                    "No watchdog for child processes ({Reason}): if this process is killed, they end only when they notice the end of stdin",
                    e.Message);
            }
        }
    }

    private static ProcessStartInfo StartInfo()
    {
        string[] shell = ["/bin/sh", "-c", Script, $"{ProcessCookie.Owner.Variable}={ProcessCookie.Owner.Value}"];
        // Its own session: what the terminal or a supervisor sends to this process's group must not reach it.
        string[] command = OperatingSystem.IsLinux() && ProgramPath.Find("setsid") is { } setsid ? [setsid, .. shell] : shell;
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            UseShellExecute = false,
            WorkingDirectory = "/",
        };
        // Nothing is inherited: this process may itself hold the cookie of a host above it, whose watchdog would then kill this one first.
        var path = Environment.GetEnvironmentVariable("PATH");
        start.Environment.Clear();
        start.Environment["PATH"] = path;
        return start;
    }
}
