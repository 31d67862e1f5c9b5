using System.Globalization;

namespace McpActors.Host.Listening;

/// <summary>
/// How many files this process may open, and so how many connections it may accept: without a file left .NET cannot load code and ends the
/// process, so a part of them is never given to clients.
/// </summary>
internal static class FileLimit
{
    /// <summary>What the worker needs for itself: its code, sockets, timers.</summary>
    private const long OwnFiles = 256;

    private const long FewestConnections = 16;

    /// <summary>The limit of this process; null where it is not known or there is none.</summary>
    public static long? OfProcess()
    {
        const string Limits = "/proc/self/limits";
        return OperatingSystem.IsLinux() && File.Exists(Limits) ? Read(File.ReadAllText(Limits)) : null;
    }

    /// <summary>The soft limit in the text of <c>/proc/self/limits</c>; .NET raises it to the hard one at its start.</summary>
    public static long? Read(string limits)
    {
        const string Name = "Max open files";
        var line = limits.Split('\n').FirstOrDefault(line => line.StartsWith(Name, StringComparison.Ordinal));
        var soft = line?[Name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
        return long.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    /// <summary>
    /// The connections of clients: half of what the worker does not need for itself, so that the other half is left for its servers.
    /// </summary>
    public static long Connections(long files) => Math.Max(FewestConnections, (files - OwnFiles) / 2);
}
