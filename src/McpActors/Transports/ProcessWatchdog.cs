using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;

namespace McpActors.Transports;

/// <summary>
/// A shell process that ends the child processes of this process when this process ends, even by <c>kill -9</c>. It reads their ids from
/// its stdin, whose other end only this process has open. At its end it gives them the time to notice the end of their own stdin, then it
/// sends SIGTERM and, after as much time again, SIGKILL: to their process groups and to all processes with
/// <see cref="ProcessCookie.Owner"/>. Linux only; on other systems a child ends with its stdin, as the protocol requires.
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
        programs=' '
        while read -r sign id; do
          case $sign in
            +) programs="$programs$id " ;;
            -) case $programs in *" $id "*) programs="${programs%%" $id "*} ${programs#*" $id "}" ;; esac ;;
          esac
        done
        any() {
          found=$(grep -lsF "$0" /proc/[0-9]*/environ)
          [ -n "$found" ] && return 0
          for id in $programs; do kill -s 0 -- "-$id" && return 0; done
          return 1
        }
        signal() {
          for id in $programs; do kill -s "$1" -- "-$id"; done
          for file in $found; do
            id=${file#/proc/}
            kill -s "$1" "${id%/environ}"
          done
        }
        wait_for_end() {
          tries=0
          while [ "$tries" -lt 10 ]; do
            any || exit 0
            tries=$((tries + 1))
            sleep 0.2 || sleep 1
          done
        }
        wait_for_end
        signal TERM
        wait_for_end
        tries=0
        while [ "$tries" -lt 100 ]; do
          any || exit 0
          signal KILL
          tries=$((tries + 1))
          sleep 0.1 || sleep 1
        done
        """;

    private static readonly Lock Gate = new();
    // Kept, so that a watchdog that was started again receives them too.
    private static readonly HashSet<int> Programs = [];
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
                foreach (var id in Programs)
                    Write('+', id);
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

    /// <summary>Ends the process group of a program with this process.</summary>
    public static void Watch(int program)
    {
        lock (Gate)
        {
            if (Programs.Add(program))
                Write('+', program);
        }
    }

    /// <summary>The program and its group have ended; another process may have its id by now.</summary>
    public static void Forget(int program)
    {
        lock (Gate)
        {
            if (Programs.Remove(program))
                Write('-', program);
        }
    }

    private static void Write(char sign, int program)
    {
        try
        {
            _watchdog?.StandardInput.Write(string.Create(CultureInfo.InvariantCulture, $"{sign} {program}\n"));
            _watchdog?.StandardInput.Flush();
        }
        catch (IOException)
        {
            // The watchdog was killed; the next program starts another.
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
