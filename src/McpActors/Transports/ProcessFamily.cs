using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace McpActors.Transports;

/// <summary>
/// A program and all its descendants, on Linux: its children and theirs, the processes of its session, and those that have its cookie, even
/// if they detached themselves. On other systems only the process tree. Thread-safe.
/// </summary>
/// <param name="program">The program, which leads a session of its own.</param>
/// <param name="cookie">The cookie in its environment.</param>
internal sealed class ProcessFamily(Process program, ProcessCookie cookie)
{
    private const int Terminate = 15;
    private const int Kill = 9;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    private readonly int _id = program.Id;
    private readonly ulong _started = OperatingSystem.IsLinux() ? ProcessStat.Of(program.Id)?.Started ?? 0 : 0;
    // Found while their parents lived: later nothing may lead to them any more.
    private readonly HashSet<ProcessStat> _known = [];

    /// <summary>Remembers the descendants of the program, which must be running.</summary>
    public void Remember()
    {
        if (!OperatingSystem.IsLinux())
            return;
        lock (_known)
            RememberChildrenOf(_id);
    }

    /// <summary>Asks the whole family to end (SIGTERM). Elsewhere than on Linux nothing is sent.</summary>
    public void RequestEnd()
    {
        if (!OperatingSystem.IsLinux())
            return;
        Remember();
        Send(_id, Terminate);
        foreach (var id in LivingKnown())
            Send(id, Terminate);
    }

    /// <summary>Kills the whole family, until none of it is left: one may be starting another meanwhile.</summary>
    /// <param name="limit">The time limit; one round is always made.</param>
    /// <param name="time">The clock of the limit.</param>
    /// <param name="log">The logger; null for none.</param>
    public async Task KillAsync(TimeSpan limit, TimeProvider time, ILogger? log)
    {
        if (!OperatingSystem.IsLinux())
        {
            KillTree();
            return;
        }
        Remember();
        var start = time.GetTimestamp();
        var tried = false;
        for (var members = Members(); members.Count > 0; members = Members())
        {
            if (tried && time.GetElapsedTime(start) > limit)
            {
                log?.LogWarning(
                    "Processes {Processes} of a closed connection could not be killed within {Limit}", string.Join(", ", members), limit);
                return;
            }
            log?.LogDebug("Killing processes {Processes} left by a closed connection", string.Join(", ", members));
            foreach (var id in members)
                Send(id, Kill);
            tried = true;
            await Task.Delay(Pause, time).ConfigureAwait(false);
        }
    }

    /// <summary>The living members of the family.</summary>
    public IReadOnlyList<int> Members()
    {
        var members = LivingKnown().ToHashSet();
        foreach (var id in ProcessStat.AllIds())
        {
            // A process that is older than the program is not of its family; its environment need not be read.
            if (ProcessStat.Of(id) is { } process && process.Started >= _started && (process.Session == _id || cookie.IsHeldBy(id)))
                members.Add(id);
        }
        return [.. members];
    }

    private int[] LivingKnown()
    {
        lock (_known)
            return [.. _known.Where(member => ProcessStat.Of(member.Id)?.Started == member.Started).Select(member => member.Id)];
    }

    private void RememberChildrenOf(int id)
    {
        foreach (var child in ProcessStat.ChildrenOf(id))
        {
            if (ProcessStat.Of(child) is { } process && _known.Add(process))
                RememberChildrenOf(child);
        }
    }

    private void KillTree()
    {
        try
        {
            program.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception or AggregateException)
        {
            // The program ended meanwhile.
        }
    }

    // A process that ended meanwhile is no error.
    private static void Send(int id, int signal) => _ = NativeKill(id, signal);

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int NativeKill(int id, int signal);
}
