using McpActors.Configuration;

namespace McpActors.Host.Settings;

/// <summary>
/// The content of some files at one time, as hashes. Times and lengths do not show every change: a folder that a link now leads to may hold
/// other files of the same time and length. Immutable.
/// </summary>
internal sealed class FileStamps : IEquatable<FileStamps>
{
    private readonly SortedDictionary<string, string> _hashes = new(StringComparer.Ordinal);

    private FileStamps()
    {
    }

    /// <summary>The stamps of no files; they differ from those of any file.</summary>
    public static FileStamps None { get; } = new();

    /// <summary>The content of these files now. Throws nothing: a file that cannot be read has a hash too.</summary>
    public static FileStamps Of(IEnumerable<string> files)
    {
        var stamps = new FileStamps();
        foreach (var file in files)
            stamps._hashes[file] = ConfigurationText.Hash(file);
        return stamps;
    }

    public bool Equals(FileStamps? other) => other is not null && _hashes.SequenceEqual(other._hashes);

    public override bool Equals(object? obj) => Equals(obj as FileStamps);

    public override int GetHashCode() => _hashes.Count;
}
