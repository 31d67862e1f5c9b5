using System.Runtime.Versioning;

namespace McpActors.Transports;

/// <summary>Finds programs as a shell does.</summary>
[UnsupportedOSPlatform("windows")]
internal static class ProgramPath
{
    private const UnixFileMode Executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>The full path of a program; null if there is no such executable file.</summary>
    /// <param name="command">A path, or a name that is searched in the directories of <paramref name="path"/>.</param>
    /// <param name="workingDirectory">The base of a relative path; null: this process's working directory.</param>
    /// <param name="path">The directories, separated by colons; null: this process's PATH.</param>
    public static string? Find(string command, string? workingDirectory = null, string? path = null)
    {
        var candidates = command.Contains('/', StringComparison.Ordinal)
            ? [Path.GetFullPath(command, Path.GetFullPath(workingDirectory ?? "."))]
            : (path ?? Environment.GetEnvironmentVariable("PATH") ?? "")
                .Split(':', StringSplitOptions.RemoveEmptyEntries)
                .Select(directory => Path.GetFullPath(Path.Combine(directory, command)));
        return candidates.FirstOrDefault(file => File.Exists(file) && (File.GetUnixFileMode(file) & Executable) != 0);
    }
}
