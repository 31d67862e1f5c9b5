using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;

namespace McpActors.Transports;

/// <summary>
/// An environment variable with a unique value that a child process and all its descendants inherit. It identifies them even after their
/// parents have ended, in any session or process group. Linux only; on other systems nothing is found.
/// </summary>
/// <param name="Variable">The variable.</param>
/// <param name="Value">The unique value.</param>
internal sealed record ProcessCookie(string Variable, string Value)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    /// <summary>The cookie of all child processes of this process.</summary>
    public static ProcessCookie Owner { get; } = new("MCPACTORS_OWNER", Guid.NewGuid().ToString("N"));

    /// <summary>Creates the cookie of the processes of one connection.</summary>
    public static ProcessCookie ForNewConnection() => new("MCPACTORS_CONNECTION", Guid.NewGuid().ToString("N"));

    /// <summary>
    /// The processes that have the cookie, except those that cannot be read because they ended or belong to another user.
    /// </summary>
    public IReadOnlyList<int> Holders()
    {
        if (!OperatingSystem.IsLinux())
            return [];
        var entry = Encoding.UTF8.GetBytes($"{Variable}={Value}\0");
        var holders = new List<int>();
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                && Holds(directory, entry))
            {
                holders.Add(id);
            }
        }
        return holders;
    }

    /// <summary>The process with the cookie that is a child of this process; null if it has ended or was not found.</summary>
    public Process? ChildHolder()
    {
        foreach (var id in Holders())
        {
            try
            {
                // State and parent follow the name, which is in parentheses and may contain any character.
                var stat = File.ReadAllText($"/proc/{id}/stat");
                var parent = stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1];
                if (parent == Environment.ProcessId.ToString(CultureInfo.InvariantCulture))
                    return Process.GetProcessById(id);
            }
            catch (Exception e) when (e is IOException or ArgumentException)
            {
                // The process ended meanwhile.
            }
        }
        return null;
    }

    /// <summary>Kills all processes with the cookie, until none is left: one may be starting another meanwhile.</summary>
    /// <param name="limit">The time limit; one round is always made.</param>
    /// <param name="time">The clock of the limit.</param>
    /// <param name="logs">Creates the logger; null for none.</param>
    public async Task KillHoldersAsync(TimeSpan limit, TimeProvider time, ILoggerFactory? logs)
    {
        var log = logs?.CreateLogger<ProcessCookie>();
        var start = time.GetTimestamp();
        var tried = false;
        for (var holders = Holders(); holders.Count > 0; holders = Holders())
        {
            if (tried && time.GetElapsedTime(start) > limit)
            {
                log?.LogWarning(
                    "Processes {Processes} of a closed connection could not be killed within {Limit}", string.Join(", ", holders), limit);
                return;
            }
            log?.LogDebug("Killing processes {Processes} left by a closed connection", string.Join(", ", holders));
            holders.ToList().ForEach(Kill);
            tried = true;
            await Task.Delay(Pause, time).ConfigureAwait(false);
        }
    }

    private static bool Holds(string directory, byte[] entry)
    {
        try
        {
            return File.ReadAllBytes(Path.Combine(directory, "environ")).AsSpan().IndexOf(entry) >= 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static void Kill(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            process.Kill();
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // The process ended meanwhile.
        }
    }
}
