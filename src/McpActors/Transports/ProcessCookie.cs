using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;

namespace McpActors.Transports;

/// <summary>
/// An environment variable with a value of its own, given to a child process and inherited by all that descends from it: by it they are
/// found after their parents have gone, in whatever session or group they put themselves. Works on Linux; elsewhere nothing is found.
/// </summary>
/// <param name="Variable">The variable.</param>
/// <param name="Value">A value that no other process has.</param>
internal sealed record ProcessCookie(string Variable, string Value)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    /// <summary>Held by every child process that this process starts.</summary>
    public static ProcessCookie Owner { get; } = new("MCPACTORS_OWNER", Guid.NewGuid().ToString("N"));

    /// <summary>Held by the processes of one connection.</summary>
    public static ProcessCookie ForNewConnection() => new("MCPACTORS_CONNECTION", Guid.NewGuid().ToString("N"));

    /// <summary>The processes that hold the cookie now, but those that cannot be read because they ended or are another user's.</summary>
    public IReadOnlyList<int> Holders()
    {
        if (!OperatingSystem.IsLinux())
        {
            return [];
        }

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

    /// <summary>The holder that this process itself has started; null when it has ended, and where nothing is found.</summary>
    public Process? ChildHolder()
    {
        foreach (var id in Holders())
        {
            try
            {
                // State, parent and so on follow the name, which stands in parentheses and may hold anything.
                var stat = File.ReadAllText($"/proc/{id}/stat");
                var parent = stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1];
                if (parent == Environment.ProcessId.ToString(CultureInfo.InvariantCulture))
                {
                    return Process.GetProcessById(id);
                }
            }
            catch (Exception e) when (e is IOException or ArgumentException)
            {
                // It ended meanwhile.
            }
        }

        return null;
    }

    /// <summary>Kills every process that holds the cookie, until there is none: one may have been starting another meanwhile.</summary>
    /// <param name="limit">How long to try, at most; once in any case.</param>
    /// <param name="time">The clock of the limit.</param>
    /// <param name="logs">Where to say what was killed; null for nowhere.</param>
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
            // It ended by itself meanwhile.
        }
    }
}
