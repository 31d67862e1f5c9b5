using System.Formats.Tar;
using System.Text;

namespace McpActors.Configuration;

/// <summary>Reads the text of a configuration file, up to 16 MiB of it.</summary>
internal static class ConfigurationText
{
    private const int MaxBytes = 16 * 1024 * 1024;

    /// <summary>The file's text; null when the file is refused.</summary>
    /// <param name="file">The file.</param>
    /// <param name="mustBeRegular">Whether pipes and devices are refused.</param>
    /// <param name="refusal">The reason when the result is null, for a message.</param>
    public static string? Read(string file, bool mustBeRegular, out string refusal)
    {
        refusal = "it is not a regular file";
        if (mustBeRegular && !OperatingSystem.IsWindows() && IsPipeOrDevice(file))
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
