using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;

namespace McpActors.Configuration;

/// <summary>Reads the text of a configuration file, up to 16 MiB of it.</summary>
internal static class ConfigurationText
{
    private static readonly string[] KernelFileSystems = ["proc", "sysfs", "tracefs", "debugfs", "securityfs", "cgroupfs", "cgroup2fs"];

    private const int MaxBytes = 16 * 1024 * 1024;

    private const string NotRegular = "it is not a regular file";

    /// <summary>Why a file is not opened: a named pipe or a device may have no end; null when it can be. Throws nothing.</summary>
    public static string? RefusalOf(string file)
    {
        try
        {
            return IsIrregular(file) ? NotRegular : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            // Reading it fails with words for people.
            return null;
        }
    }

    /// <summary>The file's text; null when the file is refused.</summary>
    /// <param name="file">The file.</param>
    /// <param name="mustBeRegular">Whether pipes and devices are refused.</param>
    /// <param name="refusal">The reason when the result is null, for a message.</param>
    public static string? Read(string file, bool mustBeRegular, out string refusal)
    {
        refusal = NotRegular;
        if (mustBeRegular && IsIrregular(file))
            return null;
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (mustBeRegular && !stream.CanSeek)
            return null;

        using var content = new MemoryStream();
        var buffer = new byte[64 * 1024];
        while (stream.Read(buffer) is > 0 and var read)
        {
            content.Write(buffer, 0, read);
            if (content.Length > MaxBytes)
            {
                refusal = $"it is longer than {MaxBytes / 1024 / 1024} MiB";
                return null;
            }
        }
        content.Position = 0;
        return new StreamReader(content, Encoding.UTF8).ReadToEnd();
    }

    /// <summary>A hash of the file's content, or the reason why it has none. Throws nothing, and does not wait for a pipe.</summary>
    public static string Hash(string file)
    {
        try
        {
            return Read(file, mustBeRegular: true, out var refusal) is { } text
                ? Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)))
                : refusal;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return e.GetType().Name;
        }
    }

    private static bool IsIrregular(string file) => !OperatingSystem.IsWindows() && (IsOfKernel(file) || IsPipeOrDevice(file));

    // Some files of the kernel, such as /proc/kmsg, are regular ones by their kind, and reading one waits for its next line. Comes first,
    // because the archive below reads the file.
    private static bool IsOfKernel(string file) =>
        OperatingSystem.IsLinux() && File.Exists(file) && KernelFileSystems.Contains(new DriveInfo(Path.GetFullPath(file)).DriveFormat);

    // Opening a named pipe would wait for its writer. In .NET only an archive records the kind of a file without opening it first.
    private static bool IsPipeOrDevice(string file)
    {
        var target = File.ResolveLinkTarget(file, returnFinalTarget: true) as FileInfo ?? new FileInfo(file);
        if (!target.Exists || target.Length > 0)
            return false;
        using var archive = new MemoryStream();
        using (var writer = new TarWriter(archive, leaveOpen: true))
            writer.WriteEntry(target.FullName, "file");
        archive.Position = 0;
        using var reader = new TarReader(archive);
        return reader.GetNextEntry() is not { EntryType: TarEntryType.RegularFile };
    }
}
