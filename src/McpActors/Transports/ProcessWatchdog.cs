using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace McpActors.Transports;

/// <summary>
/// A shell process that kills the child processes of this process when this process ends, even by <c>kill -9</c>: it waits for the end of
/// its stdin, whose other end only this process has open, and then kills all processes with <see cref="ProcessCookie.Owner"/>. Linux only;
/// on other systems a child ends with its stdin, as the protocol requires.
/// </summary>
internal static class ProcessWatchdog
{
    /// <summary>
    /// $0 is the cookie. It is in the watchdog's arguments and not in its environment, so the watchdog does not find itself. A killed
    /// process has an empty environment until it is reaped, so the loop ends.
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

    /// <summary>Starts the watchdog unless it is running. A failure is logged and does not prevent the start of a server.</summary>
    public static void EnsureRunning(ILoggerFactory? logs)
    {
        if (!OperatingSystem.IsLinux())
            return;
        lock (Gate)
        {
            if (_watchdog is { HasExited: false })
                return;
            try
            {
                _watchdog?.Dispose();
                _watchdog = Process.Start(StartInfo());
            }
            catch (Exception e) when (e is System.ComponentModel.Win32Exception or IOException)
            {
                _watchdog = null;
                logs?.CreateLogger(typeof(ProcessWatchdog)).LogWarning(
                    "The watchdog for child processes could not be started: {Reason}. "
                    + "If this process is killed, they end only when they notice the end of their stdin",
                    e.Message);
            }
        }
    }

    private static ProcessStartInfo StartInfo()
    {
        string[] shell = ["/bin/sh", "-c", Script, $"{ProcessCookie.Owner.Variable}={ProcessCookie.Owner.Value}"];
        // In its own session, so that it does not receive signals that a terminal or supervisor sends to this process's group.
        string[] command = OperatingSystem.IsLinux() && ProgramPath.Find("setsid") is { } setsid ? [setsid, .. shell] : shell;
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            UseShellExecute = false,
            WorkingDirectory = "/",
        };
        // No inherited environment: this process may have the cookie of a host above it, whose watchdog would kill this watchdog too.
        var path = Environment.GetEnvironmentVariable("PATH");
        start.Environment.Clear();
        start.Environment["PATH"] = path;
        return start;
    }
}
